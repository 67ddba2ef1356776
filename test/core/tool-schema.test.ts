import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fc } from '../law.ts'
import { ToolSchema, type Path } from '../../core/tool-schema.ts'

const fits = (schema: unknown, path: Path, text: string): boolean => new ToolSchema().fits(schema, path, text)
const at = (schema: object): object => ({ type: 'object', properties: { to: schema } })

for (const [what, schema, text, fit] of [
  ['a plain string', { type: 'string' }, 'x', true],
  ['nothing is said', {}, 'x', true],
  ['everything goes', true, 'x', true],
  ['nothing goes', false, 'x', false],
  ['one of the values named', { enum: ['a', 'x'] }, 'x', true],
  ['none of the values named', { enum: ['a', null, 1] }, 'x', false],
  ['the one value', { const: 'x' }, 'x', true],
  ['not the one value', { const: 'a' }, 'x', false],
  ['as long as it may be', { maxLength: 2 }, '😀é', true],
  ['longer than it may be', { maxLength: 2 }, '😀éx', false],
  ['as short as it may be', { minLength: 2 }, '😀é', true],
  ['shorter than it may be', { minLength: 2 }, '😀', false],
  ['half a character counts as one', { minLength: 2, maxLength: 2 }, '\ud83dx', true],
  ['a pattern is not run', { pattern: '^x$' }, 'x', false],
  ['a format is not run', { format: 'email' }, 'a@b.co', false],
  ['another type', { type: 'number' }, 'x', false],
  ['one of several types', { type: ['null', 'string'] }, 'x', true],
  ['none of several types', { type: ['null', 'object'] }, 'x', false],
  ['all have to accept', { allOf: [{ maxLength: 3 }, { enum: ['a'] }] }, 'x', false],
  ['all accept', { allOf: [{ maxLength: 3 }, { enum: ['x'] }] }, 'x', true],
  ['none of the branches accepts', { anyOf: [{ type: 'null' }, { enum: ['a'] }] }, 'x', false],
  ['one of the branches accepts', { oneOf: [{ type: 'null' }, { maxLength: 3 }] }, 'x', true],
  ['what is no schema says nothing', { anyOf: 'x', enum: 7, allOf: null, maxLength: '1', type: 3, oneOf: [] }, 'x', true],
] as const) {
  test(`at the text: ${what}`, () => {
    assert.equal(fits(schema, [], text), fit)
    assert.equal(fits(at(schema as object), ['to'], text), fit)
  })
}

const short = { maxLength: 1 }
for (const [what, schema, path, fit] of [
  ['a member by its name', { properties: { a: short } }, ['a'], false],
  ['a member of another name', { properties: { a: short } }, ['b'], true],
  ['a name that every object has', { properties: {} }, ['constructor'], true],
  ['a member of that very name', JSON.parse('{"properties":{"__proto__":{"maxLength":1}}}'), ['__proto__'], false],
  ['every other member', { properties: { a: {} }, additionalProperties: short }, ['b'], false],
  ['a member is no other member', { properties: { a: {} }, additionalProperties: short }, ['a'], true],
  ['no other member', { additionalProperties: false }, ['a'], false],
  ['what patterns may have a say in, nobody knows', { patternProperties: { '(a+)+$': {} }, additionalProperties: false }, ['a'], true],
  ['elements', { items: short }, [3], false],
  ['the first elements', { prefixItems: [{}, short] }, [1], false],
  ['elements behind the first', { prefixItems: [short], items: {} }, [1], true],
  ['deep below', { items: { properties: { a: { items: short } } } }, [7, 'a', 0], false],
  ['an index is no name', { properties: { 0: short } }, [0], true],
  ['a branch for what is no object', { anyOf: [{ type: 'string' }, { properties: { a: short } }] }, ['a'], false],
  ['a branch without the member', { anyOf: [{ additionalProperties: false }, { properties: { a: short } }] }, ['a'], false],
  ['a value named for the whole', { enum: [{ a: 'xx' }, { a: 'b' }] }, ['a'], true],
  ['no value named for the whole', { const: { a: ['b'], b: 'xx' } }, ['a', 0], false],
  ['a reference', { $defs: { s: short }, properties: { a: { $ref: '#/$defs/s' } } }, ['a'], false],
  ['a reference with escapes', { $defs: { 'a/b ~%': short }, $ref: '#/$defs/a~1b%20~0%25' }, [], false],
  ['what stands beside a reference counts too', { $defs: { s: {} }, properties: { a: { $ref: '#/$defs/s', ...short } } }, ['a'], false],
  ['a reference to the whole', { maxLength: 9, properties: { a: { $ref: '#' }, b: short } }, ['a', 'a', 'b'], false],
  ['a reference to nothing', { $ref: '#/$defs/none' }, [], true],
  ['a reference to elsewhere', { $ref: 'https://example.com/schema' }, [], true],
  ['a reference that is none', { $ref: '#/%' }, [], true],
] as const) {
  test(`on the way: ${what}`, () => {
    assert.equal(fits(schema, path as Path, 'xx'), fit)
  })
}

const wide = Array.from({ length: 10 }, (_, index) => ({ $ref: `#/$defs/${index}` }))
const exponential = {
  $ref: '#/$defs/0',
  $defs: Object.fromEntries(wide.map((_, index) => [index, { allOf: [...wide.slice(index + 1), ...wide.slice(index + 1)] }])),
}
const many = (one: unknown, count = 200_000): unknown[] => Array.from({ length: count }, () => one)

const everywhere = (schema: object): object => ({ anyOf: many({ allOf: [{ $ref: '#/$defs/a' }, false] }), $defs: { a: schema } })
const alike = 'y'.repeat(1e5)

for (const [what, schema, text] of [
  ['a reference to itself', { $ref: '#' }, 'x'],
  ['two that refer to each other', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, 'x'],
  ['itself twice', { allOf: [{ $ref: '#' }, { $ref: '#' }] }, 'x'],
  ['itself in branches', { anyOf: [{ $ref: '#' }, { $ref: '#' }], allOf: [{ $ref: '#' }, { $ref: '#' }] }, 'x'],
  ['a fan of fans', exponential, 'x'],
  ['a chain of references', { $ref: '#/$defs/0', $defs: many(0, 20_000).map((_, index) => ({ $ref: `#/$defs/${index + 1}` })) }, 'x'],
  ['a long list again and again', { allOf: [{ $ref: '#' }, ...many(true)] }, 'x'],
  ['long lists of values', everywhere({ enum: [...many('y'), 'x'] }), 'x'],
  ['a long list of types', everywhere({ type: [...many('null'), 'string'] }), 'x'],
  ['long values that are almost the same', everywhere({ enum: many(`${alike}z`, 9) }), `${alike}x`],
  ['a long reference', { anyOf: many({ allOf: [{ $ref: `#${'/a'.repeat(1e5)}` }, false] }) }, 'x'],
  ['a pattern that takes for ever', { anyOf: [{ pattern: '^(x+)+$' }, {}] }, `${'x'.repeat(99)}!`],
] as const) {
  test(`a hostile schema takes no time: ${what}`, () => {
    const check = new ToolSchema()
    const began = performance.now()
    for (let again = 0; again < 100; again++) assert.equal(check.fits(schema, [], text), true)
    assert.ok(performance.now() - began < 250, `${performance.now() - began} ms`)
  })
}

// Schemas and values over a few names and texts, so that they often have to do with each other.
const name = fc.constantFrom('a', 'b', 'c')
const text = fc.constantFrom('', 'x', 'y', 'xy', '😀', '😀😀y')
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' }, text, text, fc.constantFrom(null, 1, true),
    fc.dictionary(name, tie('value'), { noNullPrototype: true }), fc.array(tie('value'), { maxLength: 3 }),
  ),
}))
const type = fc.constantFrom('string', 'object', 'array', 'null', ['string', 'object'], ['array', 'string'], ['object', 'array', 'string'])
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { minLength: 1, maxLength: 2 })
const part = (parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> => fc.record(parts, { requiredKeys: [] })
const { schema: drawn } = fc.letrec<{ schema: unknown }>(tie => {
  const below = tie('schema')
  const leaf = part({ type, enum: fc.uniqueArray(text, { minLength: 1 }), const: text, minLength: fc.nat(2), maxLength: fc.nat(3) })
  const object = part({ type, properties: fc.dictionary(name, below, { maxKeys: 2, noNullPrototype: true }), additionalProperties: below })
  const array = part({ type, prefixItems: some(below), items: below })
  const branches = [fc.record({ allOf: some(below) }), fc.record({ anyOf: some(below) }), fc.record({ oneOf: some(below) })]
  const ends = fc.oneof(leaf, fc.constantFrom(true, { $ref: '#/$defs/d' }, false), fc.record({ enum: some(value) }))
  return { schema: fc.oneof({ maxDepth: 3 }, ends, object, object, array, ...branches) }
})
const rooted = fc.record({ allOf: fc.tuple(drawn), $defs: fc.record({ d: part({ type, maxLength: fc.nat(3), enum: some(text) }) }) })

/** A schema that a value fits, and without `anyOf` and `oneOf`. */
function madeFor(given: unknown, roll: () => number): object {
  if (Array.isArray(given)) return given.length === 0 ? { type: 'array' } : { prefixItems: given.map(one => madeFor(one, roll)), items: false }
  if (typeof given === 'object' && given !== null) {
    const made = Object.entries(given).map(([key, one]) => [key, madeFor(one, roll)] as const)
    const [first, ...others] = made
    if (first === undefined || roll() % 2 === 0) return { properties: Object.fromEntries(made), additionalProperties: false }
    return { allOf: [{ properties: Object.fromEntries(others), additionalProperties: first[1] }, { type: 'object' }] }
  }
  if (typeof given !== 'string') return {}
  const length = [...given].length
  const limits = [{ maxLength: length }, { minLength: length }, { enum: [given, 'y'] }, { const: given }, { $ref: '#/$defs/short' }, { type: ['null', 'string'] }]
  return { ...limits[roll() % limits.length], ...limits[roll() % limits.length] }
}

const ajv = new Ajv2020({ strict: false, logger: false })
/** A value with one of its texts changed, and the path to it; undefined where it has none. */
function edited(root: unknown, pick: number, put: string): { value: unknown; path: Path } | undefined {
  const paths: Path[] = []
  const visit = (one: unknown, path: Path): void => {
    if (typeof one === 'string') paths.push(path)
    else if (Array.isArray(one)) one.forEach((element, index) => visit(element, [...path, index]))
    else if (typeof one === 'object' && one !== null) for (const [key, member] of Object.entries(one)) visit(member, [...path, key])
  }
  visit(root, [])
  const path = paths[pick % paths.length]
  const change = (one: unknown, [step, ...rest]: Path): unknown => {
    if (step === undefined) return put
    if (Array.isArray(one)) return one.with(Number(step), change(one[Number(step)], rest))
    const members = one as Record<string, unknown>
    return { ...members, [step]: change(members[step], rest) }
  }
  return path && { value: change(root, path), path }
}

test('law: what a full validation accepts is never refused', () => {
  let met = 0
  fc.assert(fc.property(rooted, value, fc.nat(), text, (schema, given, pick, put) => {
    const change = edited(given, pick, put)
    if (change === undefined || !ajv.validate(schema, change.value)) return
    met++
    assert.ok(fits(schema, change.path, put))
  }), { numRuns: 500 })
  assert.ok(met > 100, `${met} cases`)
})

test('law: where all has to fit and a value does, an edit is refused exactly where a full validation refuses it', () => {
  const met = { fit: 0, unfit: 0 }
  fc.assert(fc.property(value, fc.array(fc.nat(99), { minLength: 1 }), fc.nat(), text, (given, rolls, pick, put) => {
    const change = edited(given, pick, put)
    if (change === undefined) return
    let rolled = 0
    const schema = { ...madeFor(given, () => rolls[rolled++ % rolls.length]!), $defs: { short: { maxLength: 2 } } }
    if (!ajv.validate(schema, given)) return
    const fit = ajv.validate(schema, change.value)
    assert.equal(fits(schema, change.path, put), fit)
    met[fit ? 'fit' : 'unfit']++
  }), { numRuns: 500 })
  assert.ok(met.fit > 50 && met.unfit > 50, JSON.stringify(met))
})
