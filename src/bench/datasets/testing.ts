import { brotliCompressSync } from 'node:zlib'

/** What `unpack` undoes, written the other way round: prediction, differences, zigzag, planes. */
export function pack(leads: readonly Int16Array[], order: number, isTwelveLead: boolean): Buffer {
  const copy = leads.map((lead) => Int16Array.from(lead))
  if (isTwelveLead) {
    const [I, II] = leads as [Int16Array, Int16Array]
    for (let i = 0; i < I.length; i++) {
      const one = I[i] ?? 0
      const two = II[i] ?? 0
      const expected = [two - one, -((one + two) >> 1), one - (two >> 1), two - (one >> 1)]
      for (const [k, value] of expected.entries()) {
        const lead = copy[k + 2] as Int16Array // twelve leads
        lead[i] = (lead[i] ?? 0) - value
      }
    }
  }
  const flat = copy.flatMap((lead) => {
    for (let pass = 0; pass < order; pass++)
      for (let i = lead.length - 1; i > 0; i--) lead[i] = (lead[i] ?? 0) - (lead[i - 1] ?? 0)
    return [...lead]
  })
  const zigzag = flat.map((x) => ((x << 1) ^ (x >> 15)) & 0xffff)
  return brotliCompressSync(Buffer.from([...zigzag.map((z) => z & 0xff), ...zigzag.map((z) => z >> 8)]))
}
