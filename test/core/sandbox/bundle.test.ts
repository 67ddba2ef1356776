import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { bundle } from '../../../core/sandbox/bundle.ts'

const root = mkdtempSync(join(tmpdir(), 'bundle-'))
after(() => rmSync(root, { recursive: true }))
let count = 0

/** Writes files into a folder of their own, and gives the path of the first. */
function written(files: Readonly<Record<string, string>>): string {
  const folder = join(root, `${count++}`, 'processor')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return join(folder, Object.keys(files)[0]!)
}

interface Exports { default: { name: string, kind: string, options: { type: string }, setup(): unknown } }
const run = (code: string): Exports => runInNewContext(`${code};gatehouseProcessor`) as Exports

const PROCESSOR = {
  'main.ts': `import { defineProcessor, Type } from 'gatehouse/sdk'
import { find } from './parts/find.ts'
import words from './words.json'
interface Unused { readonly a: string }
// A remark that stays at home.
const setup = () => ({ inspect: () => find(words) as never })
export default defineProcessor({ name: 'p', kind: 'detector', rights: [], options: Type.Object({}), setup })`,
  'parts/find.ts': 'export const find = (words: string[]): string => words.join()',
  'words.json': '["a", "b"]',
}

describe('bundle', () => {
  test('makes one script of a processor, its own files and the SDK', async () => {
    const { code, sha256 } = await bundle(written(PROCESSOR))
    const { default: definition } = run(code)
    assert.deepEqual([definition.name, definition.kind, definition.options.type], ['p', 'detector', 'object'])
    assert.equal((definition.setup() as { inspect(): string }).inspect(), 'a,b')
    assert.equal(sha256, createHash('sha256').update(code).digest('hex'))
  })

  test('gives the same text wherever the sources lie, and none of their paths', async () => {
    const [one, two] = [await bundle(written(PROCESSOR)), await bundle(written(PROCESSOR))]
    assert.equal(one.code, two.code)
    const texts = [root, dirname(import.meta.dirname), 'node_modules', 'stays at home']
    assert.deepEqual(texts.filter(text => one.code.includes(text)), [])
  })

  test('takes JavaScript, and runs it strictly as a module does', async () => {
    const { code } = await bundle(written({ 'main.js': 'export default { name: (function () { return String(this) })() }' }))
    assert.equal(run(code).default.name, 'undefined')
  })

  const REFUSED: readonly (readonly [string, string, RegExp])[] = [
    ['a module of Node', 'import "node:fs"', /main\.ts imports "node:fs"/],
    ['one without its prefix', 'import { readFile } from "fs"; export default readFile', /main\.ts imports "fs"/],
    ['a package', 'import "typebox"', /main\.ts imports "typebox"/],
    ['another door of the house', 'import "gatehouse/sdk/testing"', /main\.ts imports "gatehouse\/sdk\/testing"/],
    ['an import at run time', 'export default () => import("node:net")', /main\.ts imports "node:net"/],
    ['require', 'export default require("child_process")', /main\.ts imports "child_process"/],
    ['a file above', 'import "../above.ts"', /main\.ts imports "\.\.\/above\.ts"/],
    ['an absolute path', 'import "/etc/hosts"', /main\.ts imports "\/etc\/hosts"/],
    ['an address', 'import "https://example.com/x.js"', /main\.ts imports "https:/],
    ['data', 'import "data:text/javascript,1"', /main\.ts imports "data:/],
    ['a package in its own folder', 'import "./node_modules/p/p.js"', /main\.ts imports "\.\/node_modules/],
    ['a link that leads out', 'import "./link.ts"', /main\.ts imports "\.\/link\.ts"/],
    ['a file that is not there', 'import "./gone.ts"', /main\.ts:1 cannot be bundled: Could not resolve "\.\/gone\.ts"/],
    ['what does not parse', 'let let', /main\.ts:1 cannot be bundled/],
  ]
  for (const [name, text, problem] of REFUSED) {
    test(`refuses ${name}`, async () => {
      const file = written({ 'main.ts': text, 'node_modules/p/p.js': '', '../above.ts': '' })
      symlinkSync(join(dirname(file), '../above.ts'), join(dirname(file), 'link.ts'))
      await assert.rejects(bundle(file), problem)
    })
  }

  test('of the house: packages that need no Node come along, with the UTF-8 that they expect', async () => {
    const file = written({
      'main.ts': `import { Bytes } from 'bytes'
export default { name: new Bytes('\u00df').all.join() }`,
      'node_modules/bytes/package.json': '{ "name": "bytes", "main": "bytes.js" }',
      'node_modules/bytes/bytes.js': 'exports.Bytes = class { constructor(text) { this.all = new TextEncoder().encode(text) } }',
    })
    await assert.rejects(bundle(file), /main\.ts imports "bytes"/)
    assert.equal(run((await bundle(file, 'house')).code).default.name, '195,159')
  })

  for (const name of ['node:fs', 'fs', 'fs/promises']) {
    test(`of the house: refuses a package that needs ${name}`, async () => {
      const file = written({
        'main.ts': 'import "reader"', 'node_modules/reader/package.json': '{ "name": "reader" }', 'node_modules/reader/index.js': `import '${name}'`,
      })
      await assert.rejects(bundle(file, 'house'), error => {
        assert.equal((error as Error).message,
          `node_modules/reader/index.js imports "${name}", but there is no Node in a sandbox: run it inline or in a pool.`)
        return true
      })
    })
  }

  test('of the house: a package that is not there is named', async () => {
    await assert.rejects(bundle(written({ 'main.ts': 'import "gone"' }), 'house'), /main\.ts:1 cannot be bundled: Could not resolve "gone"/)
  })

  test('refuses what is too large', async () => {
    const file = written({ 'main.js': `export default ${JSON.stringify('x'.repeat(5 * 2 ** 20))}` })
    await assert.rejects(bundle(file), /more than 5 MB/)
  })
})
