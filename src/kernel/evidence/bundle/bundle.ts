import { z } from 'zod'
import { canonicalBytes, canonicalJson } from '../canonical-json.ts'
import { type Envelope, envelopeSchema, signEnvelope } from '../dsse.ts'
import type { SigningKey } from '../keys.ts'
import { sha256Hex } from '../predicates.ts'
import { sha256Of, statementDigest } from '../statement.ts'

export const headPayloadType = 'application/vnd.pilotbase.evidence-head+json'

/** One statement of an export, linked to the one before it: `previous` is the SHA-256 of that entry's canonical JSON. */
export const entrySchema = z.strictObject({
  index: z.int().nonnegative(),
  previous: sha256Hex.nullable().describe('null for the first'),
  envelope: envelopeSchema,
})
export type Entry = z.infer<typeof entrySchema>

/** Last line of a bundle. */
export const headLineSchema = z.strictObject({ head: envelopeSchema })

/** What the head signs: how many entries there are, the last of them, and which statements they are in any order. */
export const headSchema = z.strictObject({
  format: z.literal('https://pilotbase.dev/evidence/head/v1'),
  count: z.int().nonnegative(),
  last: sha256Hex.nullable().describe('SHA-256 of the last entry; null when there is none'),
  set: sha256Hex.describe('SHA-256 over the sorted digests of the statements: tells a new order from other content'),
  about: sha256Hex.nullable().describe('SHA-256 of what a dossier says beside its statements; null in a bundle'),
  at: z.iso.datetime(),
})

/** A dossier: statements with their chain and head in one JSON document, and what it says about them. */
export const dossierSchema = z.strictObject({
  format: z.literal('https://pilotbase.dev/dossier/v1'),
  about: z.record(z.string(), z.json()),
  entries: z.array(entrySchema),
  head: envelopeSchema,
})
export type Dossier = z.infer<typeof dossierSchema>

/** Writes a bundle: JSON lines, one entry each, then the signed head. Nothing is verified here. */
export function writeBundle(envelopes: readonly Envelope[], key: SigningKey, at: string): string {
  const entries = chainOf(envelopes)
  const head = signHead(entries, null, key, at)
  return [...entries, { head }].map((line) => `${canonicalJson(line)}\n`).join('')
}

/** Makes a dossier; `about` is signed with it. */
export function makeDossier(
  about: Dossier['about'],
  envelopes: readonly Envelope[],
  key: SigningKey,
  at: string,
): Dossier {
  const entries = chainOf(envelopes)
  const head = signHead(entries, about, key, at)
  return { format: 'https://pilotbase.dev/dossier/v1', about, entries, head }
}

/** SHA-256 by which the next entry, or the head, links to this one. */
export function entryDigest(entry: Entry): string {
  return sha256Of(canonicalBytes(entry))
}

/** Digest of the statements as a set: equal for any order of the same statements. */
export function setDigest(envelopes: readonly Envelope[]): string {
  return sha256Of(envelopes.map(statementDigest).sort().join('\n'))
}

function chainOf(envelopes: readonly Envelope[]): Entry[] {
  let previous: string | null = null
  return envelopes.map((envelope, index) => {
    const entry: Entry = { index, previous, envelope }
    previous = entryDigest(entry)
    return entry
  })
}

function signHead(entries: readonly Entry[], about: Dossier['about'] | null, key: SigningKey, at: string): Envelope {
  const last = entries.at(-1)
  const head: z.infer<typeof headSchema> = {
    format: 'https://pilotbase.dev/evidence/head/v1',
    count: entries.length,
    last: last === undefined ? null : entryDigest(last),
    set: setDigest(entries.map((entry) => entry.envelope)),
    about: about === null ? null : sha256Of(canonicalBytes(about)),
    at,
  }
  return signEnvelope(headPayloadType, canonicalBytes(head), key)
}
