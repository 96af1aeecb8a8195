import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { PerfOrder, PerfReport } from './perf-server.ts'

/** One measured figure; `how` says what was run, so that another can run it. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly how: string
}

/** 12,000 FP32: 48,000 bytes, ten seconds of a 12-lead record at 100 Hz. */
const values = Float32Array.from({ length: 12_000 }, (_, i) => Math.sin(i))
const rounds = 7
const pairs = 100

interface Sent {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string | number>>
}

/** Measures what the protocol costs over a bare session; bare and served runs alternate, and the median round counts. */
export async function measure(): Promise<readonly Figure[]> {
  const server = fork(
    new URL(`./perf-server${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url),
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    const { port } = await reportOf(server)
    const ask = async (order: PerfOrder): Promise<PerfReport> => {
      const answer = reportOf(server)
      server.send(order)
      return answer
    }
    const cost = async (model: string, sent: Sent, runs: number) => {
      await ask({ kind: 'bare', model, runs })
      for (let i = 0; i < runs; i++) await post(agent, port ?? 0, model, sent)
      const over: number[] = []
      const bareMs: number[] = []
      for (let round = 0; round < rounds; round++) {
        const bare = await ask({ kind: 'bare', model, runs })
        bareMs.push(...bare.latenciesMs)
        const before = await ask({ kind: 'cpu' })
        for (let i = 0; i < runs; i++) await post(agent, port ?? 0, model, sent)
        const after = await ask({ kind: 'cpu' })
        over.push((after.cpuMs - before.cpuMs - bare.cpuMs) / runs)
      }
      return { overCpuMs: quantile(over, 0.5), bareMs: quantile(bareMs, 0.5) }
    }
    const binary = await cost('conv-small', binaryRequest('signal', [1, 12, 1000]), 300)
    const json = await cost('conv-small', jsonRequest('signal', [1, 12, 1000]), 100)
    const echo = await cost('affine', binaryRequest('x', [1, 12_000]), 300)
    const bareMs: number[] = []
    const servedMs: number[] = []
    const heavy = binaryRequest('signal', [1, 12, 1000])
    for (let pair = 0; pair < pairs; pair++) {
      bareMs.push(...(await ask({ kind: 'bare', model: 'conv-slow', runs: 1 })).latenciesMs)
      servedMs.push(await post(agent, port ?? 0, 'conv-slow', heavy))
    }
    const [bare, served] = [quantile(bareMs, 0.1), quantile(servedMs, 0.1)]
    const how = (what: string) =>
      `node src/models/oip/oip.perf.ts: ${what}; loopback, one connection, median of ${rounds} rounds`
    const over = 'CPU of the server process less that of as many bare session.run in it, a request'
    return [
      figure(
        'oip.cpu-over-bare-binary',
        binary.overCpuMs,
        'ms',
        how(`${over}; 48 kB in, 5 numbers out, model ${ms(binary.bareMs)}`),
      ),
      figure(
        'oip.cpu-over-bare-binary-both-ways',
        echo.overCpuMs,
        'ms',
        how(`${over}; 48 kB in and out, model ${ms(echo.bareMs)}`),
      ),
      figure('oip.cpu-over-bare-json', json.overCpuMs, 'ms', how(`${over}; 12,000 numbers as JSON in, 5 numbers out`)),
      figure(
        'oip.latency-over-bare',
        served / bare - 1,
        'ratio',
        `node src/models/oip/oip.perf.ts: served ${ms(served)} over bare ${ms(bare)} a request, less 1; 48 kB in; ${pairs} runs of each in turn, the fastest tenth's edge of each, for other load only adds`,
      ),
    ]
  } finally {
    agent.destroy()
    if (server.connected) server.disconnect()
    if (server.exitCode === null) await once(server, 'exit')
  }
}

function binaryRequest(name: string, shape: readonly number[]): Sent {
  const header = JSON.stringify({
    inputs: [{ name, shape, datatype: 'FP32', parameters: { binary_data_size: values.byteLength } }],
    parameters: { binary_data_output: true },
  })
  return {
    body: Buffer.concat([Buffer.from(header), Buffer.from(values.buffer)]),
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': header.length },
  }
}

function jsonRequest(name: string, shape: readonly number[]): Sent {
  const body = Buffer.from(JSON.stringify({ inputs: [{ name, shape, datatype: 'FP32', data: Array.from(values) }] }))
  return { body, headers: { 'content-type': 'application/json' } }
}

/** Sends one request and gives the time until the whole answer is there. */
function post(agent: Agent, port: number, model: string, { body, headers }: Sent): Promise<number> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const path = `/v2/models/${model}/infer`
    const sending = request({
      agent,
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers: { ...headers, 'content-length': body.length },
    })
    sending.on('response', (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - startedAt)
        else reject(new Error(`inference of ${model} answered ${response.statusCode}`))
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

/** The server's next report, or an error if it ends instead. */
function reportOf(server: ChildProcess): Promise<PerfReport> {
  return new Promise((resolve, reject) => {
    const onReport = (report: unknown): void => {
      server.off('exit', onExit)
      resolve(report as PerfReport)
    }
    const onExit = (code: number | null): void => {
      server.off('message', onReport)
      reject(new Error(`the measured server ended with ${code}`))
    }
    server.once('message', onReport)
    server.once('exit', onExit)
  })
}

/** The value below which that part of the numbers lies (nearest rank). */
function quantile(numbers: readonly number[], part: number): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(part * numbers.length)] ?? Number.NaN
}

function figure(name: string, value: number, unit: string, how: string): Figure {
  return { name, value: Number(value.toPrecision(3)), unit, how }
}

function ms(value: number): string {
  return `${value.toPrecision(3)} ms`
}

if (import.meta.main)
  for (const { name, value, unit, how } of await measure()) console.log(`${name} ${value} ${unit} (${how})`)
