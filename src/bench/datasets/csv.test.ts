import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCsv } from './csv.ts'

const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', '0') })

test('a table written with quotes reads back, whatever its cells hold and its lines end in', () => {
  const rows = fc
    .integer({ min: 2, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width })))
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), fc.boolean(), (table, end, isEnded) => {
      const header = Array.from({ length: table[0]?.length ?? 2 }, (_, place) => `c${place}`)
      const text = [header, ...table].map((row) => row.map(quote).join(',')).join(end) + (isEnded ? end : '')
      const parsed = parseCsv(text, 't.csv')
      assert.deepEqual(parsed.header, header)
      assert.deepEqual(
        parsed.rows.map(({ cells }) => cells),
        table,
      )
    }),
    { seed: 7 },
  )
})

test('rows know the line they begin on, also after a cell of several lines', () => {
  const { rows } = parseCsv('id,text\r\n1,"one\ntwo"\n\n2,three\n3,', 't.csv')
  assert.deepEqual(rows, [
    { line: 2, cells: ['1', 'one\ntwo'] },
    { line: 5, cells: ['2', 'three'] },
    { line: 6, cells: ['3', ''] },
  ])
})

test('a faulty table is refused with file, line and field', () => {
  const faults: [string, RegExp][] = [
    ['', /t\.csv, line 1, header: the file is empty/],
    ['a,a\n', /line 1, header: two columns are called "a"/],
    ['a,b\n1,2\n1\n', /line 3, field 2: 1 fields where the header has 2/],
    ['a,b\n1,2,3\n', /line 2, field 3: 3 fields/],
    ['a,b\n1,"2\n', /line 2, field 2: a quote is opened and not closed/],
    ['a,b\n"1"x,2\n', /line 2, field 2: a quoted field goes on/],
  ]
  for (const [text, message] of faults) assert.throws(() => parseCsv(text, 't.csv'), message)
})
