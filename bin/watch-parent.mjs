// Loaded into the program where the launcher stays its parent (Node below 22.15 can't replace itself). A launcher that is
// killed can't forward that, so the broken channel stands for it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
