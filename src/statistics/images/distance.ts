/**
 * Squared Euclidean distance in mm^2 of every voxel to the nearest of `seeds` (at least one), exact, axis by axis: the lower
 * envelope of parabolas (Felzenszwalb & Huttenlocher 2012). Row-major, O(voxels x axes).
 */
export function squaredDistances(
  seeds: readonly number[],
  shape: readonly number[],
  spacingMm: readonly number[],
): Float64Array {
  const size = shape.reduce((product, length) => product * length, 1)
  const field = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  for (const seed of seeds) field[seed] = 0
  let stride = size
  for (const [axis, length] of shape.entries()) {
    stride /= length
    const along = lineTransform(length, spacingMm[axis] ?? 1)
    for (let start = 0; start < size; start++) {
      // The first voxel of each line along this axis.
      if (Math.floor(start / stride) % length === 0) along(field, start, stride)
    }
  }
  return field
}

/** Transforms one line of `length` voxels in place. */
function lineTransform(length: number, spacing: number): (field: Float64Array, start: number, stride: number) => void {
  const values = new Float64Array(length)
  /** Voxels whose parabolas form the envelope, and where each begins to be the lowest. */
  const roots = new Int32Array(length)
  const begins = new Float64Array(length + 1)
  return (field, start, stride) => {
    let last = -1
    for (let at = 0; at < length; at++) {
      const height = field[start + at * stride] ?? 0
      values[at] = height
      if (height === Number.POSITIVE_INFINITY) continue
      const x = at * spacing
      let crossing = Number.NEGATIVE_INFINITY
      while (last >= 0) {
        const root = roots[last] ?? 0
        const other = root * spacing
        crossing = (height + x * x - ((values[root] ?? 0) + other * other)) / (2 * (x - other))
        if (crossing > (begins[last] ?? 0)) break
        last--
      }
      last++
      roots[last] = at
      begins[last] = last === 0 ? Number.NEGATIVE_INFINITY : crossing
    }
    if (last < 0) return
    let lowest = 0
    for (let at = 0; at < length; at++) {
      const x = at * spacing
      while (lowest < last && (begins[lowest + 1] ?? 0) < x) lowest++
      const root = roots[lowest] ?? 0
      const far = x - root * spacing
      field[start + at * stride] = far * far + (values[root] ?? 0)
    }
  }
}
