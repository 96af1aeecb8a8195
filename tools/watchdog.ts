/** Loaded into each test file's process: one that hangs says so and ends, instead of holding up the whole run. */
const limitMs = Number(process.env['PILOTBASE_TEST_FILE_LIMIT_MS'] ?? 300_000)

setTimeout(() => {
  console.error(`${process.argv[1]} still runs after ${limitMs} ms: ${process.getActiveResourcesInfo().join(', ')}`)
  process.exit(1)
}, limitMs).unref()
