// The door for what runs without a base: it loads neither the database nor the HTTP server.
export { openFolder } from './datasets/folder.ts'
export { parseManifest } from './datasets/manifest.ts'
export { fill } from './datasets/recordings.ts'
export { readRows } from './datasets/rows.ts'
export { type EvaluateMeans, type Evaluated, evaluate } from './evaluate/evaluate.ts'
export { openModel } from './evaluate/models.ts'
