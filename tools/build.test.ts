import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from './build.ts'

test('types become blanks, lines stay, and neighbours are found under their new name', () => {
  const typescript = `import { type A, b } from './a.ts'
import type { C } from '../c.ts'
export * from "./d.ts"
const worker: URL = new URL('./worker.ts', import.meta.url)
const late = await import('./late.ts')
console.log(b as C, 'a text that ends in .ts', worker, late)
`
  assert.equal(
    plain(typescript),
    `import {         b } from './a.js'

export * from "./d.js"
const worker      = new URL('./worker.js', import.meta.url)
const late = await import('./late.js')
console.log(b     , 'a text that ends in .ts', worker, late)
`,
  )
})
