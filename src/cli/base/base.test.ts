import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationOf, sizeOf, wholeNumber } from './arguments.ts'
import { queryOf, Stop } from './client.ts'
import { languageOf } from './language.ts'
import { bytes, duration, fields, table } from './output.ts'
import { localised } from './usage.ts'

test('columns line up, a Chinese character taking two', () => {
  assert.equal(
    table(
      ['name', 'n'],
      [
        ['心电', '1'],
        ['ab', '22'],
      ],
    ),
    'name  n\n心电  1\nab    22',
  )
})

test('a value that is missing is shown as a dash, not as nothing', () => {
  assert.equal(
    fields([
      ['a', null],
      ['bcd', 0],
    ]),
    'a    –\nbcd  0',
  )
})

test('sizes and times are read with their units and shown in words', () => {
  assert.equal(sizeOf('2G', '--memory'), 2 * 2 ** 30)
  assert.equal(sizeOf('1.5 MiB', '--memory'), 1.5 * 2 ** 20)
  assert.equal(durationOf('90', '--time-limit'), 90_000)
  assert.equal(durationOf('2h', '--time-limit'), 7_200_000)
  assert.deepEqual([bytes(0), bytes(1536), bytes(10 * 2 ** 30)], ['0 B', '1.5 KiB', '10 GiB'])
  assert.deepEqual([duration(null), duration(12), duration(61_000)], ['–', '12 ms', '1 min 1 s'])
})

test('what is no size, time or whole number is a wrong call that names the option', () => {
  const isCall = (error: unknown) => error instanceof Stop && error.code === 2 && /--x/.test(error.message)
  for (const value of ['', 'two', '-1G', '1Q']) assert.throws(() => sizeOf(value, '--x'), isCall)
  for (const value of ['', 'soon', '1y']) assert.throws(() => durationOf(value, '--x'), isCall)
  for (const value of ['', '1.5', '-1', 'NaN', '1e99']) assert.throws(() => wholeNumber(value, '--x'), isCall)
})

test('a query holds what is given and nothing else', () => {
  assert.equal(queryOf({ a: undefined }), '')
  assert.equal(queryOf({ a: 'x y', b: 2, c: undefined }), '?a=x+y&b=2')
})

test('a terminal is Chinese where its locale is, LC_ALL before LANG', () => {
  assert.equal(languageOf({ LANG: 'zh_CN.UTF-8' }), 'zh')
  assert.equal(languageOf({ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }), 'en')
  assert.equal(languageOf({}), 'en')
})

test('what the parser says is said in Chinese too', () => {
  const said = "error: unknown command 'dta'\n(Did you mean data?)"
  assert.equal(localised(said, 'zh'), '错误：没有命令 dta\n（是否想写 data？）')
  assert.equal(localised(said, 'en'), said)
})
