import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../law.ts'
import { validator } from '../../config/validator.ts'
import { Type, type TSchema } from '../../sdk/index.ts'

const closed = { additionalProperties: false }
const person = Type.Object({ name: Type.String({ minLength: 1 }), age: Type.Optional(Type.Integer({ minimum: 0 })) }, closed)
const many = Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String())])
const step = Type.Union([Type.String(), Type.Object({ use: Type.String() }, closed)])
const chain = Type.Union([Type.Array(step), Type.Object({ request: Type.Array(step) }, closed)])
const keys = Type.Object({ keys: Type.Object({ sha256: Type.Optional(Type.String()) }, closed) })
const words = Type.Record(Type.String(), Type.String(), { propertyNames: Type.String({ pattern: '^[a-z]+$', title: 'a word' }) })

/** Schema, value, and the faults as `pointer expected|got|message`. */
const cases: [string, TSchema, unknown, string[]][] = [
  ['a value that fits', person, { name: 'Ada' }, []],
  ['a wrong kind', person, 5, [' expected a mapping|5|']],
  ['a text for a mapping is not shown', person, 'sk-1', [' expected a mapping|a string|']],
  ['a text for a list is not shown', Type.Array(Type.String()), 'sk-1', [' expected a list|a string|']],
  ['a list for a mapping', person, [1], [' expected a mapping|a list|']],
  ['nothing for a mapping', person, null, [' expected a mapping|nothing|']],
  ['a field that is missing', person, {}, ['/name expected a string that is not empty|nothing|']],
  ['a field that is not known', person, { name: 'Ada', aeg: 5 }, ['/aeg expected one of name, age|"aeg"|did you mean "age"?']],
  ['a field that is like nothing known', person, { name: 'Ada', colour: 5 }, ['/colour expected one of name, age|"colour"|']],
  ['a pointer is escaped', person, { name: 'Ada', 'a/b': 1 }, ['/a~1b expected one of name, age|"a/b"|']],
  ['a number for a string', person, { name: 5 }, ['/name expected a string that is not empty|5|put it in quotes']],
  ['true for a string', person, { name: true }, ['/name expected a string that is not empty|true|put it in quotes']],
  ['an empty string', person, { name: '' }, ['/name expected a string that is not empty|""|']],
  ['several at once', person, { name: '', age: -1 },
    ['/name expected a string that is not empty|""|', '/age expected a whole number of at least 0|-1|']],
  ['a broken number', person, { name: 'Ada', age: 1.5 }, ['/age expected a whole number of at least 0|1.5|']],
  ['no number at all', Type.Number(), Number.NaN, [' expected a number|NaN|']],
  ['below a range', Type.Integer({ minimum: 1, maximum: 9 }), 0, [' expected a whole number from 1 to 9|0|']],
  ['above a bound', Type.Number({ maximum: 9 }), 10, [' expected a number of at most 9|10|']],
  ['a word of several', Type.Enum(['open', 'closed']), 'clsoed',
    [' expected one of open, closed|"clsoed"|did you mean "closed"?']],
  ['a word of one', Type.Literal('inline'), 'sandbox', [' expected inline|"sandbox"|']],
  ['a switch', Type.Boolean(), 'yes', [' expected true or false|"yes"|']],
  ['an empty list', Type.Array(Type.String(), { minItems: 1 }), [], [' expected a list that is not empty|an empty list|']],
  ['a short list', Type.Array(Type.String(), { minItems: 2 }), ['a'], [' expected a list with at least 2 entries|a list|']],
  ['a short string', Type.String({ minLength: 8 }), 'abc', [' expected a string with at least 8 characters|"abc"|']],
  ['an empty mapping', Type.Record(Type.String(), Type.String(), { minProperties: 1 }), {},
    [' expected a mapping that is not empty|an empty mapping|']],
  ['a name in a record', words, { A: '' },
    ['/A expected a word|"A"|']],
  ['a keyword without words of ours', Type.String({ pattern: '^a' }), 'b',
    [' expected a string that must match pattern "^a"|"b"|']],
  ['a title instead', Type.String({ pattern: '^a', title: 'a text with a' }), 'b', [' expected a text with a|"b"|']],
  ['a union, by the branch that was meant: a list', many, ['a', 1], ['/1 expected a string|1|put it in quotes']],
  ['a union, by the branch that was meant: a string', many, '', [' expected a string that is not empty|""|']],
  ['a union, by the branch that was meant: a mapping', step, { used: 'pii' },
    ['/use expected a string|nothing|', '/used expected use|"used"|did you mean "use"?']],
  ['a union, where none was meant', step, 5, [' expected a string or a mapping|5|']],
  ['a union with a word of its own', Type.Union([Type.Literal(false), person]), { name: 1 },
    ['/name expected a string that is not empty|1|put it in quotes']],
  ['a union with a word of its own, not met', Type.Union([Type.Literal(false), person]), true,
    [' expected false or a mapping|true|']],
  ['a union with a title', Type.Union([Type.Integer(), Type.String({ pattern: '^\\d+s$' })], { title: 'a duration' }), '5x',
    [' expected a duration|"5x"|']],
  ['unions in unions', chain, { request: ['a', { use: 1 }, 2] },
    ['/request/1/use expected a string|1|put it in quotes', '/request/2 expected a string or a mapping|2|']],
  ['unions side by side', Type.Array(step), [1, { use: 2 }],
    ['/0 expected a string or a mapping|1|', '/1/use expected a string|2|put it in quotes']],
  ['a key below a secret field is not part of the pointer', keys, { keys: { 'sk-1': 1 } },
    ['/keys expected sha256|"sk-1"|']],
]

describe('a schema in the words of the house', () => {
  for (const [name, schema, value, faults] of cases) {
    test(name, () => {
      const found = validator(schema)(value)
        .map(({ pointer, expected, got, message }) => `${pointer} expected ${expected}|${got}|${message}`)
      assert.deepEqual(found.toSorted(), faults.toSorted())
    })
  }

  test('whatever the value, a fault has words for what was expected and for what came', () => {
    const check = validator(Type.Object({ person, many, steps: Type.Array(step) }, closed))
    const value = fc.record({ person: fc.jsonValue(), many: fc.jsonValue(), steps: fc.array(fc.jsonValue()) })
    fc.assert(fc.property(fc.oneof(value, fc.jsonValue()), anything => {
      for (const { expected, got } of check(anything)) assert.ok(expected !== '' && got !== '' && !expected.includes('undefined'))
    }))
  })
})
