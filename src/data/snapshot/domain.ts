import type { Manifest, ManifestFile } from './contract.ts'

/** A manifest with its files by path in code-unit order: the order in which its digest is taken. */
export function ordered(manifest: Manifest): Manifest {
  const files = [...manifest.files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return { ...manifest, files }
}

/** The first path that is not plain and relative, or null. Backslashes and control characters would mean other files elsewhere. */
export function unsafePath(files: readonly ManifestFile[]): string | null {
  return files.find(({ path }) => !isSafePath(path))?.path ?? null
}

export function isSafePath(path: string): boolean {
  if (/[\\\u0000-\u001f\u007f]/.test(path) || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

/** The first path that stands in an ordered manifest twice, or null. */
export function repeatedPath(files: readonly ManifestFile[]): string | null {
  return files.find((file, i) => files[i - 1]?.path === file.path)?.path ?? null
}

/** Files by split; those of no split are counted under the empty name. */
export function countSplits(files: readonly ManifestFile[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { split = '' } of files) counts[split] = (counts[split] ?? 0) + 1
  return counts
}

export function totalBytes(files: readonly ManifestFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0)
}
