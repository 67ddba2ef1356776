import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disagreement } from '../../../processors/cache/guards.ts'
import { fc } from '../../law.ts'

for (const [guard, a, b] of [
  ['numbers', 'How do I move 100 dollars to savings?', 'How do I move 1000 dollars to savings?'],
  ['numbers', 'Is it done in 3 days?', 'Is it done in 3 weeks?'],
  ['numbers', 'Write to EMAIL_1_k7q3xb2d', 'Write to EMAIL_1_bbbbbbb2'],
  ['dates', 'Are you open on Monday?', 'Are you open on Sunday?'],
  ['negation', 'Which cards can be used abroad?', 'Which cards cannot be used abroad?'],
  ['negation', 'Why does it start?', "Why doesn’t it start?"],
  ['asking', 'When was the bridge built?', 'Where was the bridge built?'],
  ['asking', 'How many boxes fit?', 'How do boxes fit?'],
  ['asking', 'Is the bridge safe?', 'Why is the bridge safe?'],
  ['names', 'What is the capital of Peru?', 'What is the capital of Chile?'],
  ['names', 'Do I need a visa for the UK?', 'Do I need a visa for the USA?'],
  ['script', 'Where is the station?', 'Where is the вокзал?'],
  ['code', 'What does `a + b` print?', 'What does `a - b` print?'],
  ['words', 'How do I cancel my subscription?', 'How do I upgrade my subscription?'],
  ['words', 'Why is there no water in the kitchen?', 'Why is there no hot water in the kitchen?'],
] as const) {
  test(`${guard}: ${a} / ${b}`, () => assert.equal(disagreement(a, b), guard))
}

for (const [a, b] of [
  ['How do I reset my password?', 'how can I reset the password'],
  ['What is the best way to remove paint from wood?', 'How do I remove paint from wood?'],
  ['How do you remove mold from a tent?', 'How do I remove mildew from a tent?'],
  ['Is it done in three days?', 'Is it done in 3 days?'],
  ['Wo ist der Bahnhof?', 'wo ist der bahnhof?'],
] as const) {
  test(`the same: ${a} / ${b}`, () => {
    // A German noun has a capital within its sentence.
    assert.equal(disagreement(a, b), a.startsWith('Wo') ? 'names' : undefined)
  })
}

test('every text agrees with itself, and no order of two texts matters', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  fc.assert(fc.property(text, text, (a, b) => {
    assert.equal(disagreement(a, a), undefined)
    assert.equal(disagreement(a, b), disagreement(b, a))
  }), { numRuns: 500 })
})
