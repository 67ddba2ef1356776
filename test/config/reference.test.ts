import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fc } from '../law.ts'
import { resolveReferences } from '../../config/reference.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-reference-'))
  await writeFile(join(folder, 'key'), 'from a file\n')
  await writeFile(join(folder, 'lines'), 'one\ntwo\r\n\r\n')
  await writeFile(join(folder, 'sly'), '${env:KEY}')
  await writeFile(join(folder, 'large'), 'x'.repeat(256 * 1024 + 1))
})
after(() => rm(folder, { recursive: true }))

const env = { KEY: 'sk-1', EMPTY: '', SLY: '${env:KEY}', UNSET: undefined }
const resolve = (value: unknown): ReturnType<typeof resolveReferences> => resolveReferences(value, { env, folder })

describe('what a reference stands for', () => {
  const cases: [string, string][] = [
    ['no reference at all', 'no reference at all'],
    ['${env:KEY}', 'sk-1'],
    ['Bearer ${env:KEY}, ${env:KEY}!', 'Bearer sk-1, sk-1!'],
    ['${env:EMPTY}', ''],
    ['${env:KEY:-none}', 'sk-1'],
    ['${env:EMPTY:-none}', 'none'],
    ['${env:UNSET:-none}', 'none'],
    ['${env:ABSENT:-}', ''],
    ['${env:ABSENT:-a:-b\nc}', 'a:-b\nc'],
    ['${file:key}', 'from a file'],
    ['${file:./key}${file:key}', 'from a filefrom a file'],
    ['${file:lines}', 'one\ntwo\r\n'],
    ['a plain $${env:KEY} and $$ and $', 'a plain ${env:KEY} and $$ and $'],
    ['$$${env:KEY}', '$${env:KEY}'],
    ['${env:SLY} ${file:sly}', '${env:KEY} ${env:KEY}'],
  ]
  for (const [text, value] of cases) test(text, async () => assert.deepEqual((await resolve(text)).value, value))

  test('at any depth, in values only; the rest stays as it is', async () => {
    const config = { a: [1, null, true, { b: '${env:KEY}' }], '${env:KEY}': 'x', 'c/d': '${env:KEY:-}' }
    const { value, hidden, faults } = await resolve(config)
    assert.deepEqual(value, { a: [1, null, true, { b: 'sk-1' }], '${env:KEY}': 'x', 'c/d': 'sk-1' })
    assert.deepEqual([...hidden], ['/a/3/b', '/c~1d'])
    assert.deepEqual(faults, [])
  })

  test('a key named __proto__ stays a key', async () => {
    const { value } = await resolve(JSON.parse('{"__proto__": {"a": "${env:KEY}"}}'))
    assert.equal(JSON.stringify(value), '{"__proto__":{"a":"sk-1"}}')
  })
})

describe('a reference that leads nowhere', () => {
  const forms = '${env:NAME}, ${env:NAME:-default} or ${file:path}'
  const escaped = 'a plain ${ is written $${'
  const cases: [string, string, string, string][] = [
    ['${env:ABSENT}', 'the environment variable ABSENT', 'nothing', 'set it, or give a default: ${env:ABSENT:-...}'],
    ['${env:UNSET}', 'the environment variable UNSET', 'nothing', 'set it, or give a default: ${env:UNSET:-...}'],
    ['${env:toString}', 'the environment variable toString', 'nothing', 'set it, or give a default: ${env:toString:-...}'],
    ['${file:absent}', 'a text file at absent', 'no such file', ''],
    ['${file:.}', 'a text file at .', 'a folder', ''],
    ['${file:large}', 'a text file at large', 'more than 262144 bytes', ''],
    ['${KEY}', forms, 'another word in ${...}', escaped],
    ['${evn:KEY}', forms, 'another word in ${...}', escaped],
    ['${env:}', forms, 'another word in ${...}', escaped],
    ['${env:1A}', forms, 'another word in ${...}', escaped],
    ['${file:}', forms, 'another word in ${...}', escaped],
    ['${}', forms, 'another word in ${...}', escaped],
    ['${env:KEY', forms, 'another word in ${...}', escaped],
  ]
  for (const [text, expected, got, message] of cases) {
    test(text, async () => {
      const { faults, value } = await resolve({ a: `x${text}` })
      assert.deepEqual(faults, [{ pointer: '/a', expected, got, message }])
      assert.deepEqual(value, { a: 'x' })
    })
  }
})

test('a variable comes in as it is, whatever it holds and whatever stands around it', async () => {
  const plain = fc.string().filter(text => !text.includes('${') && !text.endsWith('$'))
  await fc.assert(fc.asyncProperty(plain, fc.string(), plain, async (left, held, right) => {
    const { value } = await resolveReferences(`${left}\${env:HELD}${right}`, { env: { HELD: held }, folder })
    assert.equal(value, left + held + right)
  }))
})

test('a hostile text takes linear time', { timeout: 5000 }, async () => {
  const { faults } = await resolve('${'.repeat(500_000))
  assert.equal(faults.length, 1)
  await resolve('$'.repeat(1_000_000))
  await resolve('$${'.repeat(300_000))
})
