import { sharedBase } from './base.ts'
import type { Figure } from './figure.ts'
import { isQuick } from './quick.ts'
import { median, onHands } from './measuring/timing.ts'

const clients = 32
const batch = 500

/** Figures that a training job logs: one a request, and many a request. */
export async function measure(): Promise<Figure[]> {
  const { client } = await sharedBase()
  const jobs = '/api/projects/demo/jobs'
  const { id } = await client.send<{ id: string }>('POST', jobs, { name: 'logs', command: ['sleep', '600'] })
  const path = `${jobs}/${id}/metrics`
  let step = 0
  const log = async (size: number): Promise<void> => {
    const metrics = Array.from({ length: size }, () => ({ name: 'loss', step: step++, value: 1 / (step + 1) }))
    await client.send('POST', path, { metrics })
  }
  const rateOf = async (requests: number, size: number): Promise<number> => {
    const rates: number[] = []
    for (let round = 0; round < 3; round++) {
      const startedAt = performance.now()
      await onHands(clients, requests, () => log(size))
      rates.push((requests * size * 1000) / (performance.now() - startedAt))
    }
    return median(rates)
  }
  await onHands(clients, 64, () => log(1))
  const single = await rateOf(isQuick ? 200 : 600, 1)
  const batched = await rateOf(isQuick ? 16 : 64, batch)
  await client.send('POST', `${jobs}/${id}/cancel`, {})
  return [
    {
      name: 'metrics.single',
      value: single,
      unit: 'values/s',
      target: { atLeast: 1000 },
      how: `POST ${jobs}/:job/metrics with one value from ${clients} clients, each committed, audited and answered; median of 3 rounds`,
      peer: { name: 'MLflow 3.17 log_metric', value: 28, isMeasuredHere: false },
    },
    {
      name: 'metrics.batched',
      value: batched,
      unit: 'values/s',
      target: { atLeast: 1000 },
      how: `the same with ${batch} values a request; median of 3 rounds`,
      // 7.5 log_batch of 500 a second.
      peer: { name: 'MLflow 3.17 log_batch', value: 3750, isMeasuredHere: false },
    },
  ]
}
