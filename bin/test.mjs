// `npm test [-- room]`: sets the clone up, then runs the tests under Node 24.
import { enterTool } from './setup.mjs'

enterTool('tools/test.ts', process.argv.slice(2))
