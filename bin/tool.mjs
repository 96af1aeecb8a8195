// `node bin/tool.mjs FILE [arguments]`: sets the clone up with everything that development needs, then runs FILE under Node 24.
import { enterTool } from './setup.mjs'

enterTool(process.argv[2], process.argv.slice(3))
