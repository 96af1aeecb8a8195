import type { Tensor } from './tensor.ts'

// Apart from check.ts, and without the kernel: a model's worker loads this, and each module it loads it holds once more.

/**
 * Index of the first element that its datatype does not allow: NaN or infinity in a float, anything but 0 and 1 in a
 * BOOL; -1 when all are allowed. x - x is 0 for a finite x and NaN for any other, so one sum over the tensor tells (1 ns an
 * element); only then is the index looked for.
 */
export function firstNotAllowed(tensor: Tensor): number {
  const { datatype, data } = tensor
  if (datatype === 'FP32' || datatype === 'FP64') {
    let sum = 0
    for (let i = 0; i < data.length; i++) {
      // Within bounds; `for of` over a typed array takes four times as long.
      const value = data[i] as number
      sum += value - value
    }
    return sum === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value))
  }
  if (datatype === 'BOOL') return data.findIndex((value) => value > 1)
  // IEEE 754: all exponent bits set is infinity or NaN; binary16 has 5 of them, bfloat16 has 8.
  if (datatype === 'FP16') return data.findIndex((bits) => (bits & 0x7c00) === 0x7c00)
  if (datatype === 'BF16') return data.findIndex((bits) => (bits & 0x7f80) === 0x7f80)
  return -1
}
