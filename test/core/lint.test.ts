import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { loadConfig } from '../../config/loader.ts'
import { compileGateway } from '../../core/gateway.ts'
import { lintRoute } from '../../core/lint.ts'
import { compile, onto, type Written } from '../journey/rig.ts'

const EXAMPLES = join(import.meta.dirname, '../../config/examples')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'))
after(() => { rmSync(folder, { recursive: true }) })

/** Writes a processor that does nothing, and returns its file. */
function processor(name: string, fields: string, setup: string): string {
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, `export default { name: '${name}', ${fields}, setup: () => (${setup}) }\n`)
  return file
}

const cache = processor('cache', "kind: 'responder', rights: ['respond']", '{ respond: () => undefined }')
const judge = processor('judge', "kind: 'detector', rights: ['annotate', 'block']", '{ inspect: () => [] }')
const gate = processor('gate', "kind: 'detector', rights: ['block'], on: ['request'], onError: 'closed'", '{ inspect: () => [] }')
const trusted = [cache, judge, gate]
const decorate = { use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: 'Be kind.' }] } }
const remote = { use: 'remote', options: { url: 'http://guard' } }
const toUsers = { origins: ['user'] }
const toTools = { origins: ['tool_result'] }
const ownWords = { origins: ['user', 'gateway'] }
const tokens = { use: 'pii', actions: { email: 'tokenize' } }
const open = { use: 'moderation', mode: 'enforce' }
const strict = { mode: 'enforce', onError: 'closed' }

/** The warnings about one route with this chain, without its name. */
async function warningsOf(chain: unknown, route: Written): Promise<string[]> {
  const settings = { onUncovered: 'reject', chain: 'tested', ...route }
  const gateway = await compile(onto('http://127.0.0.1:9/v1', { route: settings, trusted, chains: { tested: chain } }))
  const warnings = lintRoute(gateway.routes[0]!)
  await gateway.close()
  const prefix = 'the route all: '
  assert.ok(warnings.every(warning => warning.startsWith(prefix)), warnings.join('\n'))
  return warnings.map(warning => warning.slice(prefix.length))
}

const RAW = 'cache stands above pii, so what it looks up and keeps is text that pii may still edit; '
  + 'move cache below pii'
const SENT = 'remote stands above pii, so what it sends elsewhere is text that pii may still edit; move remote below pii'
const UNHEARD = (name: string): string =>
  `${name} cannot block what cache above it answers, since it never sees those requests; move ${name} above cache`
const OWN = "pii scans the gateway's own words, which prompt-decorate above it adds; "
  + 'move prompt-decorate below pii, or leave gateway out of the origins that pii reads'
const TOKENS = 'pii tokenizes answers alone, where nothing is ever turned back; write replace, or let pii run on requests too'
const WHOLE = 'judge needs answers whole, so the client of a stream sees no text before its end; if that is too late, '
  + 'run judge in shadow, or let its processor declare under stream how much it has to see'
const WEAK = (policies: string): string =>
  `moderation lets text pass unread where it fails (${policies}), although pii guards closed: `
  + 'the weakest decides; write closed for moderation too'
const SHADOW = 'nothing is enforced, since every step of the chain tested is in shadow (pii, moderation); '
  + 'write mode: enforce for those that have proved themselves'
const UNCOVERED = 'text that no map covers passes unread by pii; write onUncovered: warn or reject'
const LATE = 'the timeout of pii, cache is longer than the 3000 ms that the whole request has, so it never runs out; '
  + 'shorten it, or raise timeouts.total of the route'

const beside = { use: 'pii', rights: ['annotate', 'block'], actions: { '*': 'block' }, beside: 'upstream' }

type Case = readonly [name: string, chain: unknown, warnings: string[], route?: Written]

const cases: Case[] = [
  ['an order that works', ['pii', { use: 'moderation', ...strict }, decorate, cache, 'meter'], []],
  ['a chain without steps', [], []],

  ['a cache above pii', [cache, 'pii'], [RAW]],
  ['a cache above secrets', [cache, 'secrets'], [RAW.replaceAll('pii', 'secrets')]],
  ['a rehearsed cache above pii, which sees raw text too', [{ use: cache, mode: 'shadow' }, 'pii'], [RAW]],
  ['a cache above a pii that rehearses', [cache, { use: 'pii', mode: 'shadow' }], []],
  ['a cache above a pii that only notes', [cache, { use: 'pii', actions: { '*': 'annotate' } }], []],
  ['actions that leave the other types to pii', [cache, { use: 'pii', actions: { email: 'annotate' } }], [RAW]],
  [
    'a cache that reads other texts than pii',
    [{ use: cache, reads: toUsers }, { use: 'pii', rights: ['edit'], reads: toTools }], [],
  ],

  ['text that leaves before pii', [remote, 'pii'], [SENT]],
  ['the same to be rehearsed, since text leaves all the same', [{ ...remote, mode: 'shadow' }, 'pii'], [SENT]],
  ['text that leaves below pii', ['pii', remote], []],
  ['text that leaves twice', [remote, remote], []],
  ['text that leaves before a pii that only notes', [remote, { use: 'pii', actions: { '*': 'annotate' } }], []],

  ['a gate below a cache', [cache, gate], [UNHEARD('gate')]],
  ['a pii that only blocks, below a cache', [cache, { use: 'pii', actions: { '*': 'block' } }], [UNHEARD('pii')]],
  ['a gate below a cache that rehearses', [{ use: cache, mode: 'shadow' }, gate], []],
  ['a gate that rehearses, below a cache', [cache, { use: gate, mode: 'shadow' }], []],
  ['a gate above a cache', [gate, cache], []],

  ['the gateway scans its own words', [decorate, { use: 'pii', reads: ownWords }], [OWN]],
  ['words added below the scan', [{ use: 'pii', reads: ownWords }, decorate], []],
  ['words added above a scan that leaves them out', [decorate, 'pii'], []],
  ['words that are only rehearsed', [{ ...decorate, mode: 'shadow' }, { use: 'pii', reads: ownWords }], []],

  ['tokens on the way up alone', { response: [tokens] }, [TOKENS]],
  ['tokens on the way down alone', { request: [tokens] }, []],
  ['tokens both ways', [tokens], []],
  ['tokens both ways, in two lists', { request: ['pii'], response: [tokens] }, []],

  ['a step that needs answers whole', [judge], [WHOLE]],
  ['the same in shadow', ['pii', { use: judge, mode: 'shadow' }], []],
  ['the same on requests alone', { request: [judge] }, []],
  ['a step that needs the whole arguments of a tool', [{ use: judge, reads: { channels: ['tool_args'] } }], []],

  ['open beside closed', ['pii', open], [WEAK('onError: open, onTimeout: open')]],
  ['the same, in two lists', { request: ['pii', open], response: [open, 'pii'] }, [WEAK('onError: open, onTimeout: open')]],
  ['open where time runs out', ['pii', { use: 'moderation', ...strict, onTimeout: 'open' }], [WEAK('onTimeout: open')]],
  ['an open step that only notes', ['pii', { use: 'moderation', mode: 'enforce', rights: ['annotate'] }], []],
  ['an open step that rehearses', ['pii', 'moderation'], []],
  ['open steps alone', [{ use: 'pii', onError: 'open' }, open], []],

  ['a chain in shadow', [{ use: 'pii', mode: 'shadow' }, 'moderation', 'meter'], [SHADOW]],
  ['a chain of observers', ['meter'], []],

  ['uncovered text beside pii', ['pii'], [UNCOVERED], { onUncovered: 'allow' }],
  ['uncovered text and a guard beside the upstream', [beside], [UNCOVERED], { onUncovered: 'allow' }],
  ['uncovered text that is warned of', ['pii'], [], { onUncovered: 'warn' }],
  ['uncovered text where only answers are guarded', { response: ['pii'] }, [], { onUncovered: 'allow' }],
  ['uncovered text where nothing is guarded', [decorate, 'meter'], [], { onUncovered: 'allow' }],

  ['steps that outlast the route', ['pii', { ...decorate, timeout: '3s' }, cache], [LATE], { timeouts: { total: '3s' } }],

  [
    'several faults, in the order of the rules',
    [decorate, cache, { use: 'pii', reads: ownWords }], [RAW, OWN, UNCOVERED], { onUncovered: 'allow' },
  ],
]

describe('chains', () => {
  for (const [name, chain, warnings, route = {}] of cases) {
    test(name, async () => assert.deepEqual(await warningsOf(chain, route), warnings))
  }
})

describe('the examples', () => {
  // Whoever has started one finds its state beside it.
  for (const name of readdirSync(EXAMPLES).filter(one => !one.startsWith('.'))) {
    test(`${name} has nothing in its chains that defeats itself`, async () => {
      const { config, problem } = await loadConfig(join(EXAMPLES, name), {})
      const gateway = await compileGateway({ ...config, state: join(folder, name) }, 1, problem)
      const warnings = gateway.routes.flatMap(route => lintRoute(route))
      await gateway.close()
      // Left at its default, which lets fields pass that no map knows yet.
      assert.deepEqual(warnings.filter(warning => !warning.endsWith(UNCOVERED)), [])
    })
  }
})
