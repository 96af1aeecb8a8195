import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../../kernel/index.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'
import { datatypes, type Tensor, tensorOf } from './tensor.ts'

/** A member's model with a known answer. The first input is FP32 with at least one element. */
export interface ConformanceSubject {
  open(options?: RuntimeOptions): Promise<Runtime>
  /** Fresh tensors at each call. */
  inputs(): readonly Tensor[]
  readonly expected: readonly Tensor[]
}

/** Declares the tests that every member of the family passes. */
export function runtimeConformance(name: string, subject: ConformanceSubject): void {
  const withRuntime = async (check: (runtime: Runtime) => Promise<void>, options?: RuntimeOptions): Promise<void> => {
    const runtime = await subject.open(options)
    try {
      await check(runtime)
    } finally {
      await runtime.close()
    }
  }
  const refused = async (answer: Promise<unknown>, code: string): Promise<Problem> => {
    const error = await answer.then(
      () => assert.fail(`expected ${code}`),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, code)
    return error
  }
  /** The subject's inputs with the first one changed. */
  const changed = (change: (first: Tensor) => Tensor): readonly Tensor[] => {
    const [first, ...rest] = subject.inputs()
    assert.ok(first !== undefined)
    return [change(first), ...rest]
  }

  test(`${name}: the signature names each input and output once, with a known datatype`, () =>
    withRuntime(async (runtime) => {
      const { inputs, outputs } = runtime.signature()
      for (const side of [inputs, outputs]) {
        assert.ok(side.length > 0)
        assert.equal(new Set(side.map((spec) => spec.name)).size, side.length)
        for (const spec of side) {
          assert.ok(datatypes.includes(spec.datatype))
          assert.ok(spec.shape.every((size) => Number.isInteger(size) && size >= -1))
        }
      }
    }))

  test(`${name}: the answer is the known one, and the caller keeps its inputs`, () =>
    withRuntime(async (runtime) => {
      const inputs = subject.inputs()
      assert.deepEqual(await runtime.infer(inputs), subject.expected)
      assert.deepEqual(inputs, subject.inputs())
    }))

  test(`${name}: surrendered inputs give the same answer`, () =>
    withRuntime(async (runtime) => {
      assert.deepEqual(await runtime.infer(subject.inputs(), { surrender: true }), subject.expected)
    }))

  test(`${name}: only the outputs asked for come back`, () =>
    withRuntime(async (runtime) => {
      const [first] = subject.expected
      assert.ok(first !== undefined)
      assert.deepEqual(await runtime.infer(subject.inputs(), { outputs: [first.name] }), [first])
      await refused(runtime.infer(subject.inputs(), { outputs: ['no-such-output'] }), 'models.output-unknown')
    }))

  test(`${name}: an input that the signature does not declare so is refused by name before it runs`, () =>
    withRuntime(async (runtime) => {
      const [first, ...rest] = subject.inputs()
      assert.ok(first !== undefined && first.datatype === 'FP32')
      const renamed = { ...first, name: 'no-such-input' }
      const { params } = await refused(runtime.infer([renamed, ...rest]), 'models.input-unknown')
      assert.equal(params['tensor'], 'no-such-input')
      await refused(runtime.infer(rest), 'models.input-missing')
      await refused(runtime.infer([first, first, ...rest]), 'models.input-twice')
      const wide = tensorOf(first.name, 'FP64', first.shape, Float64Array.from(first.data))
      await refused(runtime.infer([wide, ...rest]), 'models.datatype-wrong')
      await refused(runtime.infer(changed((input) => ({ ...input, shape: [...input.shape, 1] }))), 'models.shape-wrong')
      await refused(runtime.infer([{ ...first, data: first.data.subarray(1) }, ...rest]), 'models.length-wrong')
      assert.equal(runtime.stats().runs, 0)
    }))

  test(`${name}: NaN and infinity are refused with their place, and passed when the model reads them`, async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const poisoned = (): readonly Tensor[] =>
        changed((input) => {
          const data = Float32Array.from(input.data as Float32Array)
          data[data.length - 1] = value
          return tensorOf(input.name, 'FP32', input.shape, data)
        })
      await withRuntime(async (runtime) => {
        const { params } = await refused(runtime.infer(poisoned()), 'models.value-not-allowed')
        assert.equal(params['index'], (subject.inputs()[0]?.data.length ?? 0) - 1)
      })
      await withRuntime(
        async (runtime) => assert.equal((await runtime.infer(poisoned())).length, subject.expected.length),
        { notFinite: 'pass' },
      )
    }
  })

  test(`${name}: requests at once each get their own answer`, () =>
    withRuntime(
      async (runtime) => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => runtime.infer(subject.inputs())))
        for (const answer of answers) assert.deepEqual(answer, subject.expected)
        assert.equal(runtime.stats().succeeded, 20)
        assert.equal(runtime.stats().queued, 0)
      },
      { workers: 2 },
    ))

  test(`${name}: a request given up before it starts is not run`, () =>
    withRuntime(async (runtime) => {
      await refused(runtime.infer(subject.inputs(), { signal: AbortSignal.abort() }), 'models.request-cancelled')
      assert.equal(runtime.stats().runs, 0)
    }))

  test(`${name}: closing answers what was accepted and takes nothing more`, async () => {
    const runtime = await subject.open()
    const accepted = Array.from({ length: 5 }, () => runtime.infer(subject.inputs()))
    const closed = runtime.close()
    await refused(runtime.infer(subject.inputs()), 'models.runtime-closed')
    for (const answer of await Promise.all(accepted)) assert.deepEqual(answer, subject.expected)
    await closed
    await runtime.close()
  })
}
