import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readText, UnreadableFile } from '../../config/text-file.ts'

describe('readText', () => {
  let folder = ''
  before(async () => { folder = await mkdtemp(join(tmpdir(), 'gatehouse-text-')) })
  after(() => rm(folder, { recursive: true }))

  test('reads UTF-8, through links, up to the last byte allowed', async () => {
    await writeFile(join(folder, 'plain'), 'schlüssel 🗝')
    await symlink(join(folder, 'plain'), join(folder, 'link'))
    assert.equal(await readText(join(folder, 'link'), 15), 'schlüssel 🗝')
  })

  test('reads files that the system makes up as they are read', async () => {
    assert.match(await readText('/proc/self/status', 64 * 1024), /^Name:/)
  })

  const cases: [string, (path: string) => Promise<unknown> | void, RegExp][] = [
    ['nothing', () => {}, /^no such file$/],
    ['a folder', path => mkdir(path), /^a folder$/],
    ['a file one byte too long', path => writeFile(path, 'x'.repeat(16)), /^more than 15 bytes$/],
    ['bytes that are no text', path => writeFile(path, Buffer.from([0xC3, 0x28])), /^bytes that are not UTF-8 text$/],
    ['a pipe that nobody writes to', path => void execFileSync('mkfifo', [path]), /^something that is not a regular file$/],
    ['a link to itself', path => symlink(path, path), /^links that lead in a circle$/],
  ]
  for (const [name, make, reason] of cases) {
    test(`refuses ${name}`, async () => {
      const path = join(folder, name.replaceAll(' ', '-'))
      await make(path)
      await assert.rejects(readText(path, 15), error => error instanceof UnreadableFile && reason.test(error.message))
    })
  }

  test('refuses a device without end, a path below a file, and a path that is none', async () => {
    await writeFile(join(folder, 'file'), '')
    const paths = ['/dev/zero', join(folder, 'file', 'below'), 'a\0b']
    for (const path of paths) await assert.rejects(readText(path, 15), UnreadableFile)
  })
})
