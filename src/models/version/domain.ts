/** A file of a model: its path inside the weights folder, with /, and SHA-256 in lower-case hex. */
export interface WeightsFile {
  readonly path: string
  readonly sha256: string
}

/**
 * What a model's digest is taken of: a line `<sha256>  <path>` for each file, sorted by the bytes of the path in UTF-8.
 * The same rule as for the data of an evaluation, so that a figure names the very weights that made it.
 */
export function weightsListing(files: readonly WeightsFile[]): string {
  return files
    .toSorted((a, b) => compareBytes(a.path, b.path))
    .map(({ sha256, path }) => `${sha256}  ${path}\n`)
    .join('')
}

/** Order of two texts by their UTF-8 bytes, which is the order of their code points (Unicode 16, section 2.5). */
function compareBytes(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0)
    if (order !== 0) return order
  }
  return left.length - right.length
}

const companions = new Set(['manifest.json', 'card.json', 'model.sig', 'README.md'])

/**
 * The files that the model consists of: those that its manifest names, else all but what merely speaks about it. A
 * corrected card or a new signature leaves the model what it was.
 */
export function partsOf<F extends WeightsFile>(files: readonly F[], manifest: readonly WeightsFile[] | null): F[] {
  if (manifest === null) return files.filter(({ path }) => !companions.has(path))
  const named = new Set(manifest.map(({ path }) => path))
  return files.filter(({ path }) => named.has(path))
}

/** The first file that the manifest names and the folder lacks or has with other content, or null. */
export function firstDifference(
  files: readonly WeightsFile[],
  manifest: readonly WeightsFile[],
): { readonly path: string; readonly isMissing: boolean } | null {
  const present = new Map(files.map(({ path, sha256 }) => [path, sha256]))
  for (const { path, sha256 } of manifest) {
    const found = present.get(path)
    if (found !== sha256) return { path, isMissing: found === undefined }
  }
  return null
}

/** The networks of a folder by name: `detector.onnx` is `detector`, and what lies deeper is joined by hyphens. */
export function networksOf(files: readonly WeightsFile[]): { readonly name: string; readonly path: string }[] {
  return files
    .filter(({ path }) => path.endsWith('.onnx'))
    .map(({ path }) => ({ name: path.slice(0, -'.onnx'.length).replaceAll(/[^A-Za-z0-9_]+/g, '-'), path }))
    .toSorted((a, b) => compareBytes(a.name, b.name))
}
