/** `--quick`: the same figures from fewer rounds, in less than a minute. */
export const isQuick = process.argv.includes('--quick')
