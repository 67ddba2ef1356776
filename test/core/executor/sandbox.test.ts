// One law: what a processor finds does not depend on where it runs.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runInThisContext } from 'node:vm'
import { fc } from '../../law.ts'
import { InlineExecutor } from '../../../core/executor/inline.ts'
import { SandboxExecutor } from '../../../core/executor/sandbox.ts'
import { StepOverload, StepTimeout } from '../../../core/executor.ts'
import { bundle } from '../../../core/sandbox/bundle.ts'
import { Hosts } from '../../../core/sandbox/hosts.ts'
import type { Detector, ProcessorDefinition, Scope, Segment } from '../../../sdk/index.ts'

const FILE = `import { defineProcessor, Type, type Finding } from 'gatehouse/sdk'
const MAIL = /[a-z0-9.]{1,20}@[a-z0-9]{1,20}\\.[a-z]{2,6}/g
export default defineProcessor({
  name: 'mail-and-names',
  kind: 'detector',
  rights: ['edit', 'annotate'],
  stream: { maxMatch: 48 },
  options: Type.Object({ names: Type.Array(Type.String()) }),
  setup({ names }) {
    return {
      inspect(segments) {
        const findings: Finding[] = []
        for (const { id, text } of segments) {
          for (const { 0: { length }, index } of text.matchAll(MAIL)) {
            findings.push({ segment: id, start: index, end: index + length, type: 'email', score: 0.9, action: 'mask' })
          }
          for (const name of names) {
            const start = text.indexOf(name)
            if (start !== -1) findings.push({ segment: id, start, end: start + name.length, type: 'name' })
          }
        }
        return findings
      },
      undecided: text => Math.max(0, text.search(/[a-z0-9.@]*$/)),
    }
  },
})`

const SCOPE: Scope = {
  direction: 'request', dialect: 'openai-chat', route: 'r', model: 'm', consumer: 'c', tags: {}, remaining: 1000,
}
const OPTIONS = { names: ['Ada', '\u{1f600}', '\ud800'] }
const part = fc.constantFrom('a.b@c.de', 'Ada', '@', '.', ' ', '\n', '\u2028', '\0', '\u{1f600}', '\ud800', '"', 'é', 'x@y.zz')
const text = fc.array(part).map(parts => parts.join(''))
const segments = fc.array(text, { maxLength: 4 }).map(texts => texts.map((each, id): Segment => (
  { id, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: `/${id}`, text: each })))

describe('SandboxExecutor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  let hosts: Hosts
  let code = ''
  before(async () => {
    const file = join(folder, 'mail-and-names.ts')
    writeFileSync(file, FILE)
    hosts = await Hosts.start()
    code = (await bundle(file)).code
  })
  after(async () => {
    await hosts.close()
    rmSync(folder, { recursive: true })
  })

  const openProbe = (body: string): Promise<SandboxExecutor> => SandboxExecutor.open(hosts, {
    id: 'probe', options: {},
    code: `var gatehouseProcessor = { default: { setup() { return { inspect() { ${body} } } } } }`,
  })

  test('finds what the same processor finds inline', async () => {
    const definition = runInThisContext(`${code};gatehouseProcessor.default`) as ProcessorDefinition<'detector'>
    const inline = new InlineExecutor(await definition.setup(OPTIONS as never) as Detector)
    const sandbox = await SandboxExecutor.open(hosts, { id: 'mail', code, options: OPTIONS })
    assert.deepEqual(sandbox.methods, new Set(['inspect', 'undecided']))
    await fc.assert(fc.asyncProperty(segments, async all => {
      assert.deepEqual(await sandbox.call('inspect', [all, SCOPE], 1000), inline.call('inspect', [all, SCOPE], 1000))
      for (const { text: each } of all) {
        assert.equal(await sandbox.call('undecided', [each], 1000), inline.call('undecided', [each], 1000))
      }
    }), { numRuns: 200 })
    sandbox.close()
    await assert.rejects(sandbox.call('inspect', [[], SCOPE], 1000), /closed/)
  })

  test('the description says what the definition says', async () => {
    const { options, ...rest } = await hosts.describe('mail', code)
    assert.deepEqual(rest, { name: 'mail-and-names', kind: 'detector', rights: ['edit', 'annotate'], stream: { maxMatch: 48 } })
    const names = { type: 'array', items: { type: 'string' } }
    assert.deepEqual(options, { type: 'object', required: ['names'], properties: { names } })
  })

  test('a setup that throws is a sentence', async () => {
    const broken = `var gatehouseProcessor = { default: { setup() { throw new Error('no table') } } }`
    const opened = SandboxExecutor.open(hosts, { id: 'b', code: broken, options: {} })
    await assert.rejects(opened, { message: 'The processor cannot be set up: no table.' })
  })

  test('a call that takes too long is a StepTimeout, a large one a StepOverload, a throw an error without its text', async () => {
    const loop = await openProbe('for (;;);')
    await assert.rejects(loop.call('inspect', [], 30), StepTimeout)
    await assert.rejects(loop.call('inspect', ['x'.repeat(9 * 2 ** 20)], 30), StepOverload)
    const thrower = await openProbe('throw new RangeError("SECRET")')
    await assert.rejects(thrower.call('inspect', [], 1000), { message: 'The processor threw a RangeError.' })
    await assert.rejects(thrower.call('missing', [], 1000), { message: 'The processor threw a TypeError.' })
  })
})
