import type { Command } from 'commander'
import { evaluateCommand } from './evaluate.ts'
import { loginCommand } from './login.ts'
import { serveCommand } from './serve.ts'

/** Every command, in the order of the help. */
export const commands: readonly ((program: Command) => void)[] = [serveCommand, loginCommand, evaluateCommand]
