import { cpus, loadavg, release, totalmem, type } from 'node:os'
import packageJson from '../../../package.json' with { type: 'json' }

/** The machine in the words that a figure needs beside it. */
export function machine(): string[] {
  const all = cpus()
  const gib = (totalmem() / 2 ** 30).toFixed(0)
  return [
    `${all.length} cores, ${all[0]?.model ?? 'unknown processor'}, ${gib} GiB, ${type()} ${release()}`,
    `Pilot Base ${packageJson.version}, Node ${process.versions.node}, onnxruntime ${packageJson.dependencies['onnxruntime-node']}`,
  ]
}

/** Processes that wait for or use a core, mean of the last minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1)
}
