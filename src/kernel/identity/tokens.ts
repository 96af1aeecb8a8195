import { createHash, randomBytes } from 'node:crypto'

/** A secret that is shown once; the database keeps its SHA-256 alone. 32 random bytes need no salt and no slow hash. */
export interface Token {
  readonly secret: string
  readonly sha256: Buffer
}

export type TokenKind = 'session' | 'key' | 'link'

const prefixes: Readonly<Record<TokenKind, string>> = { session: 'pbs_', key: 'pbk_', link: 'pbl_' }

export function newToken(kind: TokenKind): Token {
  const secret = prefixes[kind] + randomBytes(32).toString('base64url')
  return { secret, sha256: tokenSha256(secret) }
}

export function tokenSha256(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
