import type { Kernel } from '../../kernel/index.ts'
import type { Application } from '../kit/application.ts'
import { type EcgAnswer, ecgAnswer, ecgCorrections } from './contract.ts'
import { keepCorrections } from './corrections.ts'
import { interpret } from './domain.ts'
import { dictionary, limits } from './findings/words.ts'
import { problem } from './problems.ts'
import { gapsOf } from './recording/gaps.ts'
import { inputOf, readCaseRecording } from './recording/recording.ts'

export type EcgApplication = Application<typeof ecgCorrections>

/** What a version must be released for before this application runs it. */
export const ecgPurpose = 'ecg-interpretation'

export function ecgInterpretation(kernel: Kernel): EcgApplication {
  return {
    id: 'ecg-interpretation',
    purpose: ecgPurpose,
    noun: 'ecg-case',
    task: 'apps.ecg-analyse',
    dictionary: {
      findings: Object.entries(dictionary).map(([code, entry]) => ({ code, ...entry })),
      limits: { en: [...limits.en], zh: [...limits.zh] },
    },
    corrections: ecgCorrections,
    async analyse(found, ask) {
      const input = inputOf(await readCaseRecording(kernel, found.input))
      const given = await ask(input)
      const answer = parsed(given)
      const { beats, ...rest } = answer
      return {
        // kept as it came, also what this application does not read
        answer: given as never,
        summary: { ...rest, beatCount: beats.length },
        findings: interpret(answer, gapsOf(input, answer)),
      }
    },
    keepCorrections: (tx, project, found, corrections) => keepCorrections(tx, kernel, project, found, corrections),
  }
}

function parsed(given: unknown): EcgAnswer {
  const read = ecgAnswer.safeParse(given)
  if (read.success) return read.data
  const [first] = read.error.issues
  throw problem('apps.ecg-answer-shape', { issue: `${first?.path.join('.') ?? ''} ${first?.message ?? ''}`.trim() })
}
