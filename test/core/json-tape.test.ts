import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { fc } from '../law.ts'
import { Scanner, type JsonTape } from '../../core/json-tape.ts'
import { GatehouseError } from '../../sdk/index.ts'
import { wildJson } from './wild-json.ts'

const LIMITS = { depth: 1000 }
const scan = (text: string | Buffer): JsonTape => new Scanner().scan(Buffer.from(text), LIMITS)

/** What JSON.parse makes of a node, read off the tape. */
function valueOf(tape: JsonTape, node: number): unknown {
  const raw = tape.bytes.toString('utf8', tape.start(node), tape.end(node))
  switch (tape.kind(node)) {
    case 'string': return tape.text(node)
    case 'object': {
      const object = {}
      for (let member = tape.first(node); member !== -1; member = tape.next(member)) {
        const key = tape.key(member)
        assert.equal(tape.find(node, key), member)
        Object.defineProperty(object, key, { value: valueOf(tape, member), enumerable: true, writable: true, configurable: true })
      }
      return object
    }
    case 'array': {
      const array: unknown[] = []
      for (let item = tape.first(node); item !== -1; item = tape.next(item)) {
        assert.equal(tape.key(item), '')
        array.push(valueOf(tape, item))
      }
      return array
    }
    case 'number': return Number(raw)
    case 'literal': return raw === 'null' ? null : raw === 'true'
  }
}

/** The sentence with which a text is refused; undefined where it is not. */
function refusal(text: string | Buffer): string | undefined {
  try {
    scan(text)
    return undefined
  } catch (error) {
    assert(error instanceof GatehouseError)
    assert.equal(error.code, 'invalid_json')
    return error.message
  }
}

const escaped = (key: string): string => [...key].map(one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const keys = (count: number, key: (index: number) => string): string => (
  `{${Array.from({ length: count }, (_, index) => `"${key(index)}":0`).join()}}`
)

suite('what is read', () => {
  const accepted = [
    '0', '-0', '10', '1.5', '-1.5e-10', '1E5', '1e+5', '123456789012345678901234567890', 'true', 'false', 'null', '""',
    '"a"', '[]', '{}', '[[]]', '[{}]', '{"":{}}', '{"a":[],"b":{}}', ' [ 1 , 2 ] ',
    '\t{\r\n"a" : "b"\n}\r\n', '[[],[[]],{"a":[1]}]',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0000\\u00e9\\uABCD"', '"\\ud83d\\ude00"', '"\\uDBFF\\uDFFF"',
    '"\u007f\u0080é€😀\u2028"',
    '{"__proto__":1,"constructor":{"prototype":null},"toString":"x"}', '{"a":1,"A":2,"\\u0061b":3,"é":4,"e":5}',
    `{${Array.from({ length: 40 }, (_, index) => `"key${index}":${index}`).join()}}`,
  ]
  for (const text of accepted) {
    test(text.slice(0, 60), () => assert.deepEqual(valueOf(scan(text), 0), JSON.parse(text)))
  }

  test('any JSON text gives what JSON.parse gives', () => {
    fc.assert(fc.property(wildJson, text => {
      const got = valueOf(scan(text), 0)
      // Node 24.21 itself was seen to read the key "\\u0020" as a backslash, once in some thousand runs: it is asked in another way then.
      if (!isDeepStrictEqual(got, JSON.parse(text))) assert.deepEqual(got, JSON.parse(text, (_key, value: unknown) => value))
    }), { numRuns: 300 })
  })

  for (const text of ['"\\ud83d"', '"\\uDE00"', '"\\ud83d\\ud83d\\ude00"', '"\\ude00\\ud83d"', '{"\\ud83dx":"\\ud83d\\u0041"}']) {
    test(`half a pair where halves may pass: ${text}`, () => {
      const tape = new Scanner().scan(Buffer.from(text), { depth: 1, halves: true })
      assert.deepEqual(valueOf(tape, 0), JSON.parse(text))
    })
  }

  test('long strings, whatever stands where in them', () => {
    for (const special of ['"', '\\', '\n', '\0', 'é', '😀', '\u00a2', '\u2022', ' ', '!', '#', '[', ']']) {
      for (let at = 0; at < 20; at++) {
        const text = JSON.stringify([`${'x'.repeat(600 + at)}${special}${'y'.repeat(at)}`])
        assert.deepEqual(valueOf(scan(text), 0), JSON.parse(text))
      }
    }
    for (let at = 0; at < 20; at++) {
      const message = refusal(`"${'x'.repeat(600 + at)}\u001f${'y'.repeat(600)}"`)
      assert.match(message ?? '', new RegExp(`to be escaped, found 0x1f at byte ${601 + at} `))
    }
  })

  test('part of a buffer is read like a text of its own', () => {
    fc.assert(fc.property(wildJson, fc.nat(5), fc.nat(5), (text, before, after) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), Buffer.from(text), Buffer.alloc(after, 0xff)])
      const tape = new Scanner().scan(bytes, LIMITS, before, bytes.length - after)
      assert.equal(tape.bytes, bytes)
      assert.deepEqual(valueOf(tape, 0), JSON.parse(text))
    }))
  })

  test('one scanner serves many tapes, which stay as they are', () => {
    fc.assert(fc.property(fc.array(wildJson, { minLength: 1, maxLength: 30 }), fc.nat(3000), (texts, length) => {
      const scanner = new Scanner()
      const long = JSON.stringify(Array.from({ length }, (_, index) => index))
      const all = [...texts, long, ...texts]
      const tapes = all.map(text => {
        assert.throws(() => scanner.scan(Buffer.from('[1,{"a":'), LIMITS), GatehouseError)
        return scanner.scan(Buffer.from(text), LIMITS)
      })
      tapes.forEach((tape, index) => assert.deepEqual(valueOf(tape, 0), JSON.parse(all[index]!)))
    }), { numRuns: 50 })
  })
})

suite('what the tape says', () => {
  const tape = scan('{"a": [1, "x\\n"], "\\u00e9": "", "é\\u0300": null, "long name": {"b": true}}')

  test('byte ranges', () => {
    const a = tape.find(0, 'a')
    assert.deepEqual([tape.start(0), tape.end(0)], [0, tape.bytes.length])
    assert.deepEqual([tape.start(a), tape.end(a)], [6, 16])
    const x = tape.next(tape.first(a))
    assert.equal(tape.bytes.toString('utf8', tape.start(x), tape.end(x)), '"x\\n"')
  })

  const finds: [string, string | undefined][] = [
    ['a', 'array'], ['é', 'string'], ['é\u0300', 'literal'], ['long name', 'object'],
    ['b', undefined], ['', undefined], ['long', undefined], ['long name ', undefined], ['Ã©', undefined],
    ['\\u00e9', undefined],
  ]
  for (const [key, kind] of finds) {
    test(`find ${JSON.stringify(key)}`, () => {
      const node = tape.find(0, key)
      assert.equal(node === -1 ? undefined : tape.kind(node), kind)
    })
  }

  test('what is not there is -1 or undefined', () => {
    const leaf = tape.first(tape.find(0, 'a'))
    assert.equal(tape.first(leaf), -1)
    assert.equal(tape.first(-1), -1)
    assert.equal(tape.find(leaf, 'a'), -1)
    assert.equal(tape.find(-1, 'a'), -1)
    assert.equal(scan('["a",1]').find(0, 'a'), -1)
    assert.equal(tape.text(leaf), undefined)
    assert.equal(tape.text(-1), undefined)
    assert.equal(tape.key(0), '')
    assert.equal(tape.next(0), -1)
  })

  test('escapes', () => {
    assert.equal(tape.hasEscapes(tape.next(tape.first(tape.find(0, 'a')))), true)
    assert.equal(tape.hasEscapes(tape.find(0, 'é')), false)
  })
})

suite('what is refused', () => {
  test('what one wrong byte leaves is accepted where JSON.parse accepts it, and nowhere else', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const bytes = fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\ud0e-.tn \n')), fc.nat(255))
    fc.assert(fc.property(wildJson, fc.nat(), fc.array(bytes, { maxLength: 2 }), fc.nat(2), (text, at, put, taken) => {
      const whole = Buffer.from(text)
      const from = at % (whole.length + 1)
      const mutant = Buffer.concat([whole.subarray(0, from), Buffer.from(put), whole.subarray(from + taken)])
      let parsed: unknown
      try {
        parsed = JSON.parse(decoder.decode(mutant))
      } catch {
        assert.notEqual(refusal(mutant), undefined)
        return
      }
      const message = refusal(mutant)
      if (message === undefined) assert.deepEqual(valueOf(scan(mutant), 0), parsed)
      else assert.match(message, /every key of an object once|both halves of a surrogate pair/)
    }), { numRuns: 1000 })
  })

  test('keys that differ only in their escapes are the same key, few or many', () => {
    for (const count of [1, 2, 15, 16, 17, 50]) {
      for (const length of [1, 61, 62, 63, 1021, 1022, 1023, 20_000]) {
        const names = Array.from({ length: count }, (_, index) => `${'k'.repeat(length)}${index}`)
        const members = names.map(name => `"${name}":0`)
        assert.equal(refusal(`{${members.join()}}`), undefined)
        for (const again of [names[0]!, names.at(-1)!]) {
          assert.match(refusal(`{${members.join()},"${again}":0}`) ?? '', /every key of an object once/)
          assert.match(refusal(`{${members.join()},"${escaped(again)}":0}`) ?? '', /every key of an object once/)
        }
      }
    }
  })
})

suite('hostile texts take linear time and no stack', () => {
  const cases: [string, string, boolean][] = [
    ['1 MB of [', '['.repeat(1e6), false],
    ['1 MB of {"a":', '{"a":'.repeat(2e5), false],
    ['1 MB of string', `"${'x'.repeat(1e6)}"`, true],
    ['1 MB of quotes escaped', `"${'\\"'.repeat(5e5)}"`, true],
    ['1 MB of surrogate pairs escaped', `"${'\\ud83d\\ude00'.repeat(83_333)}"`, true],
    ['1 MB of backslashes, cut', `"${'\\'.repeat(1e6)}`, false],
    ['1 MB of white space', ' '.repeat(1e6), false],
    ['1 MB of digits', '1'.repeat(1e6), true],
    ['1 MB of elements', `[${'0,'.repeat(5e5)}0]`, true],
    ['100,000 keys', keys(1e5, index => `key-${index}`), true],
    ['100,000 keys of digits', keys(1e5, index => String(index * 65_536)), true],
    ['100,000 keys as like as can be', keys(1e5, index => `aaaaaaaa${String(index).padStart(6, '0')}zzzzzzzz`), true],
    ['100,000 keys escaped', keys(1e5, index => `\\u0061${index}`), true],
    ['100,000 keys, the last one again', keys(1e5, index => String(index % 99_999)), false],
    ['1,000 keys of 20,000 characters', keys(1000, index => String(index).padStart(20_000, 'k')), true],
    ['1,000 objects of 16 keys', `[${Array(1000).fill(keys(16, index => `${'k'.repeat(59)}${index + 10}k`)).join()}]`, true],
    ['500 objects around one of 20 keys', `${'{"a":'.repeat(500)}${keys(20, index => `k${index}`)}${'}'.repeat(500)}`, true],
  ]
  for (const [name, text, accepted] of cases) {
    test(name, () => {
      const bytes = Buffer.from(text)
      const began = process.cpuUsage()
      assert.equal(refusal(bytes) === undefined, accepted)
      const { user, system } = process.cpuUsage(began)
      assert(user + system < 1_500_000, `took ${(user + system) / 1000} ms of CPU`)
    })
  }
})
