import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dollars, reportCsv, usageQueryOf } from '../../sdk/index.ts'
import { fc } from '../law.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const HOUR = 60 * 60 * 1000

test('times in words', () => {
  const times: [words: string, time: number][] = [
    ['90m', NOW - 1.5 * HOUR], ['24h', NOW - 24 * HOUR], ['7d', NOW - 168 * HOUR], ['2w', NOW - 336 * HOUR],
    ['2026-11-21', NOW - 12 * HOUR], ['2026-11-21T13:00+02:00', NOW - HOUR], ['2026-11-21T11:00:00.5Z', NOW - HOUR + 500],
  ]
  for (const [words, time] of times) assert.equal(usageQueryOf({ since: words }, NOW).since, time, words)
  for (const words of ['', '7', 'd', '-7d', '1.5h', '7 d', '2026-11-21T13:00', '21.11.2026', '2026-02-31T25:00Z', '9999999d']) {
    assert.throws(() => usageQueryOf({ since: words }, NOW), /^Error: expected a time as /, words)
  }
})

test('what is asked without a word: consumers, the last week and now included', () => {
  assert.deepEqual(usageQueryOf({}, NOW), { by: ['consumer'], where: {}, since: NOW - 168 * HOUR, until: NOW + 1 })
})

test('a value may hold what separates it', () => {
  assert.deepEqual(usageQueryOf({ where: ['tags.a.b=x=y', 'route='] }, NOW).where, { 'tags.a.b': 'x=y', route: '' })
})

test('dollars keep every digit', () => {
  for (const [nano, text] of [[0n, '0.000000000'], [1n, '0.000000001'], [1_234_567_890n, '1.234567890'], [-5n, '-0.000000005']] as const) {
    assert.equal(dollars(nano), text)
  }
  fc.assert(fc.property(fc.bigInt(), nano => assert.equal(BigInt(dollars(nano).replace('.', '')), nano)))
})

test('no cell of a CSV is a formula, and each is one cell', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', ' =1', '＝1+1', '=1\n=2']) {
    const [line] = reportCsv({ names: ['a'], rows: [[text]] }).split('\r\n').slice(1)
    assert.match(line!, /^"?'/, JSON.stringify(text))
  }
  assert.equal(reportCsv({ names: ['a', 'b'], rows: [['\t=1', '\r=1']] }), 'a,b\r\n\ufffd=1,\ufffd=1\r\n')
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 4 }), cells => {
    const csv = reportCsv({ names: cells.map((_, index) => `c${index}`), rows: [cells, cells] })
    const lines = csv.split('\r\n')
    assert.equal(lines.length, 4)
    const read = [...`${lines[1]},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*)),/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain)
    assert.equal(read.length, cells.length)
    read.forEach((cell, index) => assert.equal(cell!.replace(/^'/, ''), cells[index]!.replace(/\p{Cc}/gu, '\ufffd').replace(/^'/, '')))
  }))
})
