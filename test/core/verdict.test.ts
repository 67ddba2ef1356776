import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, Finding } from '../../sdk/index.ts'
import { Scanner } from '../../core/json-tape.ts'
import { Piece } from '../../core/piece.ts'
import { Blocked, recordOf, type Step } from '../../core/step.ts'
import { Vault } from '../../core/vault.ts'
import { judge } from '../../core/verdict.ts'
import { PLACE, stepOf } from './toy-step.ts'

const TEXT = 'Ask Jane Roe about it.'
const jane = (more: Partial<Finding> = {}): Finding => ({ segment: 0, start: 4, end: 12, type: 'name', ...more })
const step = (more: Partial<Step> = {}): Step => stepOf({ inspect: () => [] }, more)

function judged(by: Step, findings: readonly Finding[], text = TEXT, isJson = false) {
  const piece = new Piece(PLACE, text, isJson ? new Scanner() : undefined)
  const record = recordOf(by, 'request')
  let error: unknown
  try {
    judge(by, record, piece, findings, new Vault('secret', 'c'), 'request')
  } catch (thrown) {
    error = thrown
  }
  return { text: piece.text, outcome: record.outcome, findings: record.findings, reason: record.reason, error }
}

for (const [action, text, outcome] of [
  ['allow', /^Ask Jane Roe about it\.$/, 'pass'],
  ['annotate', /^Ask Jane Roe about it\.$/, 'annotate'],
  ['mask', /^Ask \*{4} \*{3} about it\.$/, 'edit'],
  ['replace', /^Ask \[NAME\] about it\.$/, 'edit'],
  ['hash', /^Ask NAME_[a-z0-9]{8} about it\.$/, 'edit'],
  ['tokenize', /^Ask NAME_1_[a-z0-9]{8} about it\.$/, 'edit'],
] as const satisfies readonly (readonly [Action, RegExp, string])[]) {
  for (const [who, by, finding] of [
    ['the processor', step(), jane({ action })],
    ['the operator, by type', step({ actions: { name: action, '*': 'block' } }), jane({ action: 'block' })],
    ['the operator, for all', step({ actions: { '*': action } }), jane({ action: 'block' })],
  ] as const) {
    test(`${action}, as ${who} says`, () => {
      const { text: left, outcome: noted, findings, error } = judged(by, [finding])
      assert.match(left, text)
      assert.equal(noted, outcome)
      assert.deepEqual(findings, action === 'allow' ? {} : { name: 1 })
      assert.equal(error, undefined)
    })
  }

  test(`${action} in shadow changes nothing, and the record says what it would have done`, () => {
    const { text: left, outcome: noted } = judged(step({ mode: 'shadow' }), [jane({ action })])
    assert.deepEqual([left, noted], [TEXT, outcome])
  })
}

test('a block ends the exchange, and nothing is edited', () => {
  const findings = [jane({ action: 'replace' }), jane({ action: 'block', start: 0, end: 3, type: 'verb' })]
  const { text, outcome, error } = judged(step(), findings)
  assert.ok(error instanceof Blocked)
  assert.deepEqual([error.status, error.message, text, outcome], [400, 'no', TEXT, 'block'])
})

test('a block in shadow is a note', () => {
  const { text, outcome, error } = judged(step({ mode: 'shadow' }), [jane({ action: 'block' })])
  assert.deepEqual([text, outcome, error], [TEXT, 'block', undefined])
})

for (const [action, right] of [['replace', 'edit'], ['tokenize', 'edit'], ['block', 'block']] as const) {
  test(`${action} without the right to ${right} is a note`, () => {
    const rights = new Set((['annotate', 'edit', 'block'] as const).filter(one => one !== right))
    const { text, outcome, error } = judged(step({ rights }), [jane({ action })])
    assert.deepEqual([text, outcome, error], [TEXT, 'annotate', undefined])
  })
}

test('findings are counted by what they come to, each span once', () => {
  const { text, findings } = judged(step({ actions: { '*': 'replace' } }), [
    jane(), jane({ start: 4, end: 8, type: 'first' }), jane({ start: 19, end: 21, type: 'it' }), jane({ start: 0, end: 3, type: 'it' }),
  ])
  assert.equal(text, '[IT] [NAME] about [IT].')
  assert.deepEqual(findings, { name: 1, it: 2 })
})

for (const [what, start, end] of [['a number', 6, 10], ['a key', 0, 4]] as const) {
  test(`what is found in ${what} of JSON cannot be edited, so it is blocked; a note needs no edit`, () => {
    const json = '{"card":4111}'
    const blocked = judged(step(), [jane({ start, end, action: 'replace' })], json, true)
    assert.ok(blocked.error instanceof Blocked)
    assert.deepEqual([blocked.text, blocked.outcome, blocked.reason], [json, 'block', 'found where nothing can be edited'])
    assert.equal(judged(step({ mode: 'shadow' }), [jane({ start, end, action: 'replace' })], json, true).error, undefined)
    assert.equal(judged(step(), [jane({ start, end, action: 'annotate' })], json, true).outcome, 'annotate')
  })
}

test('a finding may be called as what every object has, and escapes nothing', () => {
  for (const type of ['constructor', 'valueOf', 'hasOwnProperty', 'toString'].map(name => name.toLowerCase())) {
    const { outcome, findings } = judged(step({ actions: { '*': 'replace' } }), [jane({ type })])
    assert.deepEqual([outcome, findings], ['edit', { [type]: 1 }])
  }
})
