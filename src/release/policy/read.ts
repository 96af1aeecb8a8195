import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { nearest } from '../../kernel/index.ts'
import { type PolicyRules, policyRules } from './contract.ts'
import { problem } from './problems.ts'

/** A policy as it was written, with the line of any of its values. */
export interface ReadPolicy {
  readonly rules: PolicyRules
  lineOf(path: readonly (string | number)[]): number
}

type Path = readonly PropertyKey[]

/** Parses and checks the YAML of a policy; refuses with the line, and an unknown name with the nearest known. */
export function readPolicy(source: string): ReadPolicy {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const wrong = document.errors[0] ?? document.warnings[0]
  if (wrong !== undefined)
    throw problem('release.policy-not-yaml', {
      line: lines.linePos(wrong.pos[0]).line,
      reason: wrong.message.split('\n')[0] ?? '',
    })
  const lineOf = (path: Path) => lineAt(document, lines, path)
  const parsed = policyRules.safeParse(valueOf(document))
  if (parsed.success) return { rules: parsed.data, lineOf }
  // An unknown name is often a known one that is missing under its right name: it is told first.
  const issues = parsed.error.issues
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown?.code === 'unrecognized_keys') throw unknownKey(document, lines, unknown)
  const issue = issues[0]
  throw problem('release.policy-wrong', {
    line: lineOf(issue?.path ?? []),
    where: shown(issue?.path ?? []),
    reason: issue?.message ?? '',
  })
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 })
  } catch (error) {
    throw problem('release.policy-not-yaml', { line: 1, reason: (error as Error).message }, error)
  }
}

function unknownKey(document: Document, lines: LineCounter, issue: z.core.$ZodIssueUnrecognizedKeys) {
  const key = issue.keys[0] ?? ''
  const known = knownKeys(issue.path)
  const parent = issue.path.length === 0 ? document.contents : document.getIn(issue.path, true)
  const pair = isMap(parent) ? parent.items.find((one) => isScalar(one.key) && String(one.key.value) === key) : null
  const start = isNode(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0
  return problem('release.policy-unknown-key', {
    line: lines.linePos(start).line,
    key,
    where: shown(issue.path),
    nearest: nearest(key, known),
    known: known.join(', '),
  })
}

/** The names that the schema knows at a path. */
function knownKeys(path: Path): string[] {
  let schema: unknown = policyRules
  for (const step of path) {
    schema = bare(schema)
    const { shape, element } = schema as { shape?: Record<string, unknown>; element?: unknown }
    schema = typeof step === 'number' ? element : shape?.[String(step)]
  }
  return Object.keys((bare(schema) as { shape: object }).shape)
}

/** The schema inside its default. */
function bare(schema: unknown): unknown {
  const { def } = schema as { def: { type: string; innerType?: unknown } }
  return def.type === 'default' || def.type === 'optional' ? bare(def.innerType) : schema
}

/** The line of the value at a path, or of the nearest thing around it that is there. */
function lineAt(document: Document, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const last = path[depth - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((one) => isScalar(one.key) && String(one.key.value) === String(last))
      if (isNode(pair?.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line
    } else if (isCollection(parent)) {
      const item = parent.get(last, true)
      if (isNode(item) && item.range) return lines.linePos(item.range[0]).line
    }
  }
  return 1
}

function shown(path: Path): string {
  return path.length === 0 ? 'the policy' : path.map(String).join('.')
}
