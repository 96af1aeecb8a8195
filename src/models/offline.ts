// The door for what runs without a base: it loads neither the database nor the HTTP server.
export { openEcgModel } from './ecg/model.ts'
export { type EcgInput, analyseEcg } from './ecg/pipeline.ts'
