import type { z } from 'zod'

/** What is wrong first, with its place. */
export function issueOf(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? error.message : `${issue.path.join('.') || 'the whole'}: ${issue.message}`
}
