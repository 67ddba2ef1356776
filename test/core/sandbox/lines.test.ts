import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import { LineReader, LineWriter, wordsOf } from '../../../core/sandbox/lines.ts'

test('lines come out as they went in, wherever the channel cuts them', () => {
  const line = fc.string({ maxLength: 12 }).map(text => text.replaceAll('\n', ' '))
  fc.assert(fc.property(fc.array(line), fc.array(fc.nat({ max: 40 })), (lines, cuts) => {
    let text = ''
    const writer = new LineWriter(piece => { text += piece })
    for (const each of lines) writer.send(each)
    writer.flush()
    const got: string[] = []
    const reader = new LineReader(1000, each => got.push(each))
    let from = 0
    for (const cut of [...cuts.toSorted((a, b) => a - b), text.length]) {
      if (cut < from) continue
      reader.push(text.slice(from, cut))
      from = cut
    }
    assert.deepEqual(got, lines)
  }))
})

test('lines of one turn leave in one write', async () => {
  const pipe = new PassThrough()
  const writer = new LineWriter(text => pipe.write(text))
  writer.send('a')
  writer.send('b')
  const [written] = await once(pipe, 'data') as [Buffer]
  assert.equal(String(written), 'a\nb\n')
})

test('a line without an end is given up', () => {
  const reader = new LineReader(10, () => {})
  reader.push('x'.repeat(10))
  assert.throws(() => reader.push('x'), /too long/)
})

test('words are cut off the front of a line', () => {
  assert.deepEqual(wordsOf('a b c d e', 2), ['a', 'b', 'c d e'])
  assert.deepEqual(wordsOf('a b ', 2), ['a', 'b', ''])
  assert.deepEqual(wordsOf('a', 2), ['a'])
})
