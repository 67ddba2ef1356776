import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { fc } from '../../law.ts'
import { AwsEventDecoder, encodeAwsEvent, type AwsEvent } from '../../../core/codec/aws-events.ts'

const event = (type: string, payload: string): Buffer =>
  encodeAwsEvent({ ':message-type': 'event', ':event-type': type, ':content-type': 'application/json' }, payload)

/** Decodes the pieces. */
function decode(pieces: readonly Buffer[], limit = 1 << 20): AwsEvent[] {
  const decoder = new AwsEventDecoder(limit)
  return pieces.flatMap(piece => decoder.push(piece))
}

const said = (events: readonly AwsEvent[]): unknown[] => events.map(({ event: name, payload }) => [name, payload.toString()])

/** A message of headers that are already bytes. */
function messageOf(headers: Buffer, payload: string): Buffer {
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(16 + headers.length + payload.length)
  prelude.writeUInt32BE(headers.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const bytes = Buffer.concat([prelude, headers, Buffer.from(payload)])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(bytes))
  return Buffer.concat([bytes, crc])
}

test('a message of no headers and no payload is the one of the specification', () => {
  const bytes = Buffer.from('000000100000000005c248eb7d98c8ff', 'hex')
  assert.deepEqual(encodeAwsEvent({}, ''), bytes)
  assert.deepEqual(decode([bytes]), [{ bytes, event: undefined, payload: Buffer.alloc(0) }])
})

test('kinds of messages', () => {
  assert.deepEqual(said(decode([
    event('messageStart', '{"role":"assistant"}'),
    encodeAwsEvent({ ':message-type': 'exception', ':exception-type': 'throttlingException' }, '{"message":"slow"}'),
    encodeAwsEvent({ ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'no "more"' }, ''),
  ])), [
    ['messageStart', '{"role":"assistant"}'], ['throttlingException', '{"message":"slow"}'],
      ['InternalError', '{"message":"no \\"more\\""}'],
  ])
})

test('headers of every type are read past', () => {
  const header = (name: string, type: number, value: string): Buffer =>
    Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.of(type), Buffer.from(value, 'hex')])
  const headers = Buffer.concat([
    header('a', 0, ''), header('b', 1, ''), header('c', 2, '01'), header('d', 3, '0102'), header('e', 4, '01020304'),
    header('f', 5, '0102030405060708'), header('g', 6, '0002ffff'), header('h', 8, '0102030405060708'),
      header('i', 9, '00'.repeat(16)),
    header(':event-type', 7, `0004${Buffer.from('ping').toString('hex')}`),
  ])
  assert.deepEqual(said(decode([messageOf(headers, 'x')])), [['ping', 'x']])
})

const messages = fc.array(fc.tuple(fc.constantFrom('messageStart', 'contentBlockDelta', ''), fc.string({ unit: 'grapheme' })),
  { maxLength: 6 })

test('P34: any cut of the bytes gives the same messages, the first and the last too', () => {
  fc.assert(fc.property(messages, fc.array(fc.nat(2000), { maxLength: 12 }), fc.boolean(), (all, places, singly) => {
    const bytes = Buffer.concat(all.map(([type, payload]) => event(type, payload)))
    const at = singly ? [...bytes.keys()] : [0, ...places.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b)]
    const events = decode(at.map((from, i) => bytes.subarray(from, at[i + 1])))
    assert.deepEqual(said(events), all)
    assert.deepEqual(Buffer.concat(events.map(one => one.bytes)), bytes)
  }))
})

test('what is cut off at the end is no message', () => {
  const bytes = Buffer.concat([event('a', '{}'), event('b', '{}')])
  assert.deepEqual(said(decode([bytes.subarray(0, -1)])), [['a', '{}']])
})

test('no single wrong byte goes unnoticed', () => {
  const bytes = event('messageStart', '{"role":"assistant"}')
  for (const at of bytes.keys()) {
    const wrong = Buffer.from(bytes)
    wrong[at]! ^= 0x40
    assert.throws(() => decode([wrong]), /Expected/, `byte ${at}`)
  }
})

for (const [name, bytes, problem] of [
  ['JSON, and no stream at all', Buffer.from('{"message":"Too many requests"}'), /checksum of each prelude/],
  ['headers longer than the message', messageWith(20, 100), /sound lengths/],
  ['a message shorter than its frame', messageWith(15, 0), /sound lengths/],
  ['headers over the limit of the specification', messageWith(1 << 19, (128 << 10) + 1), /sound lengths/],
  ['a message over the limit', messageWith(1 << 21, 0), /at most 1048576 bytes/],
  ['a header name that ends outside', messageOf(Buffer.of(9, 65), ''), /sound headers/],
  ['a header value that ends outside', messageOf(Buffer.of(1, 65, 7, 255, 255), ''), /sound headers/],
  ['a header without a type', messageOf(Buffer.of(1, 65), ''), /sound headers/],
  ['a header without a length', messageOf(Buffer.of(1, 65, 7, 0), ''), /sound headers/],
  ['a header of an unknown type', messageOf(Buffer.of(1, 65, 10), ''), /sound headers/],
] as const) {
  test(`refused: ${name}`, () => assert.throws(() => decode([bytes]), { code: 'upstream_invalid', message: problem }))
}

/** A prelude with a sound checksum. */
function messageWith(total: number, headers: number): Buffer {
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(total)
  prelude.writeUInt32BE(headers, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  return prelude
}

test('a large message in small pieces takes linear time', () => {
  const payload = 'x'.repeat(4 << 20)
  const bytes = event('contentBlockDelta', payload)
  const decoder = new AwsEventDecoder(8 << 20)
  const events: AwsEvent[] = []
  for (let at = 0; at < bytes.length; at += 64) events.push(...decoder.push(bytes.subarray(at, at + 64)))
  assert.equal(events[0]!.payload.length, payload.length)
})
