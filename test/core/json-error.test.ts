import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Scanner } from '../../core/json-tape.ts'
import { GatehouseError } from '../../sdk/index.ts'

const LIMITS = { depth: 1000 }

/** The sentence with which a text is refused; undefined where it is not. */
function refusal(text: string | Buffer, limits = LIMITS): string | undefined {
  try {
    new Scanner().scan(Buffer.from(text), limits)
    return undefined
  } catch (error) {
    assert(error instanceof GatehouseError)
    assert.equal(error.code, 'invalid_json')
    return error.message
  }
}

const nested = (depth: number): string => '{"a":['.repeat(depth / 2) + ']}'.repeat(depth / 2)

suite('what is refused, with the place', () => {
  const cases: [string | Buffer, string][] = [
    ['', 'expected a value, found the end of the text at byte 0 (line 1, column 1)'],
    [' \n ', 'expected a value, found the end of the text at byte 3 (line 2, column 2)'],
    ['\ufeff{}', 'expected a value, found a byte order mark at byte 0 (line 1, column 1)'],
    ['{} x', "expected the end of the text, found 'x' at byte 3 (line 1, column 4)"],
    ['1 2', "expected the end of the text, found '2' at byte 2 (line 1, column 3)"],
    ['1,', "expected the end of the text, found ',' at byte 1 (line 1, column 2)"],
    [']', "expected a value, found ']' at byte 0 (line 1, column 1)"],
    ['[1,]', "expected a value, found ']' at byte 3 (line 1, column 4)"],
    ['[,1]', "expected a value or ']', found ',' at byte 1 (line 1, column 2)"],
    ['[1 2]', "expected ',' or ']', found '2' at byte 3 (line 1, column 4)"],
    ['[1}', "expected ',' or ']', found '}' at byte 2 (line 1, column 3)"],
    ['[1:2]', "expected ',' or ']', found ':' at byte 2 (line 1, column 3)"],
    ['[', "expected a value or ']', found the end of the text at byte 1 (line 1, column 2)"],
    ['{', "expected a key in double quotes or '}', found the end of the text at byte 1 (line 1, column 2)"],
    ["{'a':1}", "expected a key in double quotes or '}', found a single quote at byte 1 (line 1, column 2)"],
    ['{a:1}', "expected a key in double quotes or '}', found 'a' at byte 1 (line 1, column 2)"],
    ['{[', "expected a key in double quotes or '}', found '[' at byte 1 (line 1, column 2)"],
    ['{"a":1,{', "expected a key in double quotes, found '{' at byte 7 (line 1, column 8)"],
    ['{]', "expected a key in double quotes or '}', found ']' at byte 1 (line 1, column 2)"],
    ['{"a"}', "expected ':', found '}' at byte 4 (line 1, column 5)"],
    ['{"a",', "expected ':', found ',' at byte 4 (line 1, column 5)"],
    ['{"a":}', "expected a value, found '}' at byte 5 (line 1, column 6)"],
    ['{"a":1,}', "expected a key in double quotes, found '}' at byte 7 (line 1, column 8)"],
    ['{"a":1 "b"', "expected ',' or '}', found '\"' at byte 7 (line 1, column 8)"],
    ['{"a":1]', "expected ',' or '}', found ']' at byte 6 (line 1, column 7)"],
    ['{"é":\n "😀", x', "expected a key in double quotes, found 'x' at byte 16 (line 2, column 7)"],
    ['\u00a01', 'expected a value, found 0xc2 at byte 0 (line 1, column 1)'],
    ['\f1', 'expected a value, found 0x0c at byte 0 (line 1, column 1)'],
    ['\0', 'expected a value, found 0x00 at byte 0 (line 1, column 1)'],
    ['NaN', "expected a value, found 'N' at byte 0 (line 1, column 1)"],
    ['+1', "expected a value, found '+' at byte 0 (line 1, column 1)"],
    ['.5', "expected a value, found '.' at byte 0 (line 1, column 1)"],
    ['-', 'expected a digit, found the end of the text at byte 1 (line 1, column 2)'],
    ['-x', "expected a digit, found 'x' at byte 1 (line 1, column 2)"],
    ['1.', 'expected a digit, found the end of the text at byte 2 (line 1, column 3)'],
    ['1.e1', "expected a digit, found 'e' at byte 2 (line 1, column 3)"],
    ['1e+', 'expected a digit, found the end of the text at byte 3 (line 1, column 4)'],
    ['01', "expected the end of the text, found '1' at byte 1 (line 1, column 2)"],
    ['[0x1]', "expected ',' or ']', found 'x' at byte 2 (line 1, column 3)"],
    ['tru', 'expected the word true, found the end of the text at byte 3 (line 1, column 4)'],
    ['[nul]', "expected the word null, found ']' at byte 4 (line 1, column 5)"],
    ['falsy', "expected the word false, found 'y' at byte 4 (line 1, column 5)"],
    ['truefalse', "expected the end of the text, found 'f' at byte 4 (line 1, column 5)"],
    ['"a', "expected '\"' at the end of the string, found the end of the text at byte 2 (line 1, column 3)"],
    ['"a\nb"', 'expected control characters in strings to be escaped, found 0x0a at byte 2 (line 1, column 3)'],
    ['"\\x41"', String.raw`expected one of "\/bfnrtu after a backslash, found 'x' at byte 2 (line 1, column 3)`],
    ['"\\', String.raw`expected one of "\/bfnrtu after a backslash, found the end of the text at byte 2 (line 1, column 3)`],
    ['"\\u12G4"', "expected a hexadecimal digit, found 'G' at byte 5 (line 1, column 6)"],
    ['"\\u12', 'expected a hexadecimal digit, found the end of the text at byte 5 (line 1, column 6)'],
    ['"x\\ud800"', 'expected both halves of a surrogate pair, found one alone at byte 2 (line 1, column 3)'],
    ['"\\ud800\\u0041"', 'expected both halves of a surrogate pair, found one alone at byte 1 (line 1, column 2)'],
    ['"\\ud800\\ud800\\udc00"', 'expected both halves of a surrogate pair, found one alone at byte 1 (line 1, column 2)'],
    ['"\\udc00\\udc00"', 'expected both halves of a surrogate pair, found one alone at byte 1 (line 1, column 2)'],
    ['"\\ud800\\ue000"', 'expected both halves of a surrogate pair, found one alone at byte 1 (line 1, column 2)'],
    ['"\\ud800\\n1234"', 'expected both halves of a surrogate pair, found one alone at byte 1 (line 1, column 2)'],
    ['{"\\udc00":1}', 'expected both halves of a surrogate pair, found one alone at byte 2 (line 1, column 3)'],
    ['{"a":1,"b":2,"a":3}', 'expected every key of an object once, found one again at byte 13 (line 1, column 14)'],
    ['{"a":1,"\\u0061":3}', 'expected every key of an object once, found one again at byte 7 (line 1, column 8)'],
    ['{"":1,"":3}', 'expected every key of an object once, found one again at byte 6 (line 1, column 7)'],
    ['{"é":1,"\\u00E9":3}', 'expected every key of an object once, found one again at byte 8 (line 1, column 8)'],
    ['[{"__proto__":1,"__proto__":2}]', 'expected every key of an object once, found one again at byte 16 (line 1, column 17)'],
    [Buffer.from([0x22, 0xff, 0x22]), 'expected UTF-8, found 0xff at byte 1 (line 1, column 2)'],
    [Buffer.from([0x22, 0x61, 0xc3]), 'expected UTF-8, found 0xc3 at byte 2 (line 1, column 3)'],
    [Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'expected UTF-8, found 0xc0 at byte 1 (line 1, column 2)'],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'expected UTF-8, found 0xed at byte 1 (line 1, column 2)'],
    [Buffer.from([0x22, 0xef, 0xbf]), 'expected UTF-8, found the end of the text at byte 3 (line 1, column 3)'],
    [Buffer.from('1', 'utf16le'), 'expected the end of the text, found 0x00 at byte 1 (line 1, column 2)'],
  ]
  for (const [text, sentence] of cases) {
    test(JSON.stringify(text.toString()), () => assert.equal(refusal(text), `Invalid JSON: ${sentence}.`))
  }

  test('the place is counted from the start of the part', () => {
    const scanner = new Scanner()
    assert.throws(() => scanner.scan(Buffer.from('xxx\nx[1,\n}]'), LIMITS, 5, 10), {
      message: "Invalid JSON: expected a value, found '}' at byte 4 (line 2, column 1).",
    })
    assert.throws(() => scanner.scan(Buffer.from('[1]'), LIMITS, 0, 2), {
      message: "Invalid JSON: expected ',' or ']', found the end of the text at byte 2 (line 1, column 3).",
    })
  })

  test('cut anywhere, a part is read as if nothing followed', () => {
    const scanner = new Scanner()
    for (const text of ['"\\ud83d\\ude00"', '"é\\n"', '"\ufffd"', '-10.25e+10', 'true', 'false', 'null', '{"a":[1,{}]} ']) {
      const bytes = Buffer.from(text)
      for (let end = 0; end <= bytes.length; end++) {
        const alone = refusal(bytes.subarray(0, end))
        const scan = () => scanner.scan(bytes, LIMITS, 0, end)
        if (alone === undefined) assert.equal(scan().end(0), Buffer.byteLength(bytes.toString('utf8', 0, end).trimEnd()))
        else assert.throws(scan, { message: alone })
      }
    }
  })

  test('depth is counted in objects and arrays', () => {
    assert.equal(refusal('1', { depth: 0 }), undefined)
    assert.equal(refusal(nested(1000)), undefined)
    assert.equal(refusal(`[${nested(8)},${nested(8)}]`, { depth: 9 }), undefined)
    assert.equal(
      refusal('[[\n[]]]', { depth: 2 }),
      "Invalid JSON: expected at most 2 levels of nesting, found '[' at byte 3 (line 2, column 1).",
    )
    assert.match(refusal(nested(1002)) ?? '', /at most 1000 levels of nesting/)
  })

  test('nothing of the text is said', () => {
    for (const text of ['hunter2', '"hunter2', '{"hunter2":1,"hunter2":2}', '["hunter2" "hunter2"]', '"hunter2\\uhunter2"']) {
      assert.doesNotMatch(refusal(text) ?? assert.fail(text), /unter/)
    }
  })
})
