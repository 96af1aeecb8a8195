import type { Command } from 'commander'
import type { BaseClient } from '../base/client.ts'
import { write } from '../base/output.ts'

/** Copies what a job printed to standard output, as it comes. */
export async function copyLog(
  command: Command,
  base: BaseClient,
  id: string,
  { follow = false, stderr = false }: { follow?: boolean; stderr?: boolean },
): Promise<void> {
  const answer = await base.raw(`./jobs/${id}/log?stream=${stderr ? 'stderr' : 'stdout'}&follow=${follow}`)
  if (answer.body === null) return
  const decoder = new TextDecoder()
  for await (const piece of answer.body) write(command, decoder.decode(piece as Uint8Array, { stream: true }))
}
