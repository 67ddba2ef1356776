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
  ['asking', 'What is a mortgage and how do I get one?', 'What is a mortgage and when do I get one?'],
  ['signs', 'How do I sort strings in C?', 'How do I sort strings in C++?'],
  ['signs', 'What is -10 C in Fahrenheit?', 'What is 10 C in Fahrenheit?'],
  ['signs', 'What is 12 + 4?', 'What is 12 - 4?'],
  ['signs', 'What is 2 * (3 + 4)?', 'What is 2 * 3 + 4?'],
  ['signs', 'How much is £50 in dollars?', 'How much is €50 in dollars?'],
  ['signs', 'What is .5 of it?', 'What is 5 of it?'],
  ['signs', 'What is the tax on 20% of 300?', 'What is the tax on 20 of 300?'],
  ['particles', 'How do I turn on dark mode?', 'How do I turn off dark mode?'],
  ['particles', 'How do I log in to my account?', 'How do I log out of my account?'],
  ['particles', 'Can I transfer money to my account?', 'Can I transfer money from my account?'],
  ['particles', 'Is it taken before meals?', 'Is it taken after meals?'],
  ['particles', 'Is the balance above the limit?', 'Is the balance below the limit?'],
  ['particles', 'When must I pay?', 'When may I pay?'],
  ['particles', 'Who is the chair?', 'Who was the chair?'],
  ['particles', 'What is my name?', 'What is your name?'],
  ['words', 'How do I increase my credit limit?', 'How do I decrease my credit limit?'],
  ['words', 'Which pill lowers the pressure?', 'Which pill raises the pressure?'],
  ['words', 'Is it safe to sleep here?', 'Is it unsafe to sleep here?'],
  ['words', 'Is it legal to sleep here?', 'Is it illegal to sleep here?'],
  ['words', 'How do I import contacts?', 'How do I export contacts?'],
  ['order', 'How do I convert USD to EUR?', 'How do I convert EUR to USD?'],
  ['order', 'how do i convert usd to eur', 'how do i convert eur to usd'],
  ['order', 'Did Germany defeat France?', 'Did France defeat Germany?'],
  ['order', 'Is C++ faster than C?', 'Is C faster than C++?'],
  ['order', 'What is ten minus 2?', 'What is 2 minus 10?'],
  ['order', 'Do I owe you money?', 'Do you owe me money?'],
  ['words', 'Why is there no water in the kitchen?', 'Why is there no hot water in the kitchen?'],
] as const) {
  test(`${guard}: ${a} / ${b}`, () => assert.equal(disagreement(a, b), guard))
}

for (const [a, b] of [
  ['How do I reset my password?', 'how can I reset the password'],
  ['What is the best way to remove paint from wood?', 'How do I remove paint from wood?'],
  ['How do I remove mold from a tent?', 'How do I remove mildew from a tent?'],
  ['How do I log in to my account?', 'How can I log in to the account'],
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
