// Tables: words to the left, figures to the right, every column as wide as its widest cell.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markdown } from '../../bench/markdown.ts'

test('a table', () => {
  assert.equal(markdown(['server', 'ms', 'per second'], [['a', '1.25', '7'], ['a long name', '10', '']]), `\
| server      |   ms | per second |
| ----------- | ---: | ---------: |
| a           | 1.25 |          7 |
| a long name |   10 |            |`)
})

test('a table without rows is its head', () => {
  assert.equal(markdown(['server', 'ms'], []), '| server | ms |\n| ------ | -: |')
})
