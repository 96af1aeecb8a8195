import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, Problem } from './problem.ts'

const problem = catalogue({
  'test.too-short': {
    status: 422,
    retry: false,
    en: { title: 'The recording lasts {seconds} s', fix: 'Send at least 10 s' },
    zh: { title: '记录只有 {seconds} 秒', fix: '请提供至少 10 秒' },
  },
})

test('a problem names what is wrong and what to do, in both languages', () => {
  const refusal = problem('test.too-short', { seconds: 3 })
  assert.ok(refusal instanceof Problem)
  assert.equal(refusal.message, 'The recording lasts 3 s. Send at least 10 s')
  assert.deepEqual(refusal.words('zh'), { title: '记录只有 3 秒', fix: '请提供至少 10 秒' })
})

test('a code cannot be declared twice, nor outside its room', () => {
  const row = { status: 400, retry: false, en: { title: '', fix: '' }, zh: { title: '', fix: '' } }
  assert.throws(() => catalogue({ 'test.too-short': row }), /twice/)
  assert.throws(() => catalogue({ nonsense: row }), /room/)
})
