#!/usr/bin/env node
// The command. Plain JavaScript for whatever Node the user has: it sets the program up and runs it under Node 24.
// The version is looked at before anything is loaded that an older Node could not read.
const major = Number(process.versions.node.split('.')[0])

if (major < 20) {
  process.stderr.write(
    `pilotbase: Node.js ${process.versions.node} is too old to start with. Install Node.js 20 or newer (it brings its own Node.js 24).\n`,
  )
  process.exit(1)
}

import('./setup.mjs').then(({ complain, enter, findProgram }) =>
  Promise.resolve()
    .then(() => enter(findProgram(), process.argv.slice(2)))
    .catch(complain),
)
