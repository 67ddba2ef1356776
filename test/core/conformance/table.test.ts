import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable } from '../../../core/conformance/table.ts'

test('a line for each check, and below it what failed', () => {
  const rows = [
    { check: 'results', cases: 12, failures: [] },
    { check: 'limits', cases: 0, failures: [] },
    { check: 'streams', cases: 1500, failures: ['a sentence', 'another'] },
  ]
  assert.equal(printable({ processor: 'mine', kind: 'detector', rows, ok: false }), [
    'mine (detector): FAILED',
    '  results       12 cases  ok',
    '  limits         0 cases  does not apply',
    '  streams     1500 cases  FAILED',
    '      a sentence',
    '      another',
  ].join('\n'))
  assert.match(printable({ processor: 'mine', kind: 'observer', rows: [], ok: true }), /^mine \(observer\): passed$/)
})
