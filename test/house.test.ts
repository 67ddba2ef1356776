// The rules of the house, read from the tree itself. Every rule comes with a breach that it must catch, so that none of
// them goes quiet. A fault names the file, what is wrong, and the way out.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../config/loader.ts'
import { GROUPS } from './group.ts'

/** Path from the root -> text. */
type Tree = ReadonlyMap<string, string>

interface Rule {
  readonly rule: string
  readonly faults: (tree: Tree) => readonly string[]
  /** The least tree that breaks the rule. */
  readonly breach: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..')
const HOUSE = ['core', 'plugins', 'processors', 'sdk', 'config']
const FOLDERS = [...HOUSE, 'bench', 'test', 'deploy']
const TOP = [...FOLDERS, 'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE']

/** Everything but this file, which spells out every breach. */
function readTree(): Tree {
  const below = FOLDERS.filter(folder => existsSync(join(ROOT, folder)))
    .flatMap(folder => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(path => path !== 'test/house.test.ts')
  return new Map(['README.md', ...below].map(path => [path, readFileSync(join(ROOT, path), 'utf8')]))
}

const sources = (tree: Tree, folders: readonly string[]) =>
  [...tree].filter(([path]) => path.endsWith('.ts') && folders.includes(path.split('/')[0] ?? ''))
const stem = (path: string) => basename(path, '.ts')
const testOf = (path: string) => `test/${path.replace(/\.ts$/, '.test.ts')}`
const lines = (text: string) => text.trimEnd().split('\n')

/** Lines without comments. */
const code = (text: string) => lines(text).map(line => (/^\s*(?:\/\/|\/?\*)/.test(line) ? '' : line.replace(/\s\/\/ .*$/, '')))
/** Lines without comments and quoted texts. */
const bones = (text: string) => code(text).map(line => line.replace(/'(?:[^'\\]|\\.)*'/g, "''"))

/** What a file imports: packages as they are named, files of the house as paths from the root. */
function imports(path: string, text: string): string[] {
  return [...code(text).join('\n').matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)]
    .map(([, name = '']) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name))
}
const isOurs = (name: string) => name.startsWith('gatehouse/') || FOLDERS.some(folder => name.startsWith(`${folder}/`))

/**
 * Files that a config names: processors, plugins and the members of their families. In plugins/ a folder beside a file
 * of the same name belongs to that file alone; any other folder is a family.
 */
const members = (tree: Tree) => sources(tree, ['processors', 'plugins']).map(([path]) => path).filter(path => {
  const [top, ...rest] = path.split('/')
  return rest.length === 1 || (top === 'plugins' && rest.length === 2 && !tree.has(`${dirname(path)}.ts`))
})
const dialects = (tree: Tree) => sources(tree, ['core']).map(([path]) => path).filter(path => /^core\/dialect\/[^/]+$/.test(path))

/** A rule that holds for each file alone. */
const perFile = (folders: readonly string[], faults: (path: string, text: string) => readonly string[]) =>
  (tree: Tree) => sources(tree, folders).flatMap(([path, text]) => faults(path, text))
/** A rule that no line may break; `view` says what of the lines counts. */
const perLine = (folders: readonly string[], wrong: RegExp, mend: string, view = lines) =>
  perFile(folders, (path, text) =>
    view(text).flatMap((line, index) => (wrong.test(line) ? [`${path}:${index + 1}: ${mend}`] : [])))
/** A rule on what a file may import of the house. */
const mayImport = (folders: readonly string[], allowed: (name: string, path: string) => boolean, mend: string) =>
  perFile(folders, (path, text) => imports(path, text).filter(name => isOurs(name) && !allowed(name, path))
    .map(name => `${path}: imports ${name}; ${mend}`))

const RULES: readonly Rule[] = [
  {
    rule: '1. a member is called what its file is called',
    faults: tree => [...members(tree), ...dialects(tree)].filter(path => !tree.get(path)?.includes(`name: '${stem(path)}'`))
      .map(path => `${path}: has no \`name: '${stem(path)}'\`; name both alike, or move a part into the folder of its member`),
    breach: { 'processors/pii.ts': "export default defineProcessor({ name: 'privacy' })" },
  },
  {
    rule: '1. a member has its test at the mirrored path',
    faults: tree => [...members(tree), ...dialects(tree)].filter(path => !tree.has(testOf(path)))
      .map(path => `${path}: has no test; write ${testOf(path)}`),
    breach: { 'plugins/api/openai.ts': '' },
  },
  {
    rule: '1. a test is called what its file or folder is called',
    faults: tree => {
      const there = new Set([...tree.keys()].flatMap(path => [path, `${dirname(path)}.ts`]).map(testOf))
      return sources(tree, ['test']).map(([path]) => path)
        .filter(path => /^test\/(?!journey\/).*\.test\.ts$/.test(path) && !there.has(path))
        .map(path => `${path}: tests nothing of that name; rename it, or put a test of the whole house into test/journey/`)
    },
    breach: { 'test/core/gone.test.ts': '' },
  },
  {
    rule: '1. the README names every member',
    faults: tree => members(tree)
      .filter(path => !new RegExp(`(?<![\\w-])${stem(path)}(?![\\w-])`).test(tree.get('README.md') ?? ''))
      .map(path => `${path}: README.md does not name ${stem(path)}; add it to the list of what is built in`),
    breach: { 'README.md': 'pii-extra', 'processors/pii.ts': '' },
  },
  {
    rule: '2. no file is named after nothing',
    faults: perFile(FOLDERS, path => {
      const nameless = /^(?:utils?|common|shared|helpers?|misc|types|index)$/.test(stem(path).replace('.test', ''))
      return nameless && path !== 'sdk/index.ts' ? [`${path}: name it after the one idea that it holds`] : []
    }),
    breach: { 'core/cli/index.ts': '' },
  },
  {
    rule: '3. contracts import neither the machine nor a member',
    faults: mayImport(['sdk'], (name, path) => name.startsWith('sdk/') || (path === 'sdk/testing.ts' && name.startsWith('core/')),
      'a contract may import npm packages and other contracts only'),
    breach: { 'sdk/dialect.ts': "import { readTape } from '../core/json-tape.ts'" },
  },
  {
    rule: '4. a processor or plugin runs when it is copied out of the tree',
    faults: tree => members(tree).flatMap(member => {
      const own = member.replace(/\.ts$/, '/')
      const parts = new Map([...tree].filter(([path]) => path === member || path.startsWith(own)))
      return mayImport(['processors', 'plugins'], name => name === 'gatehouse/sdk' || name.startsWith(own),
        `it may import 'gatehouse/sdk', npm packages and files in ${own} only`)(parts)
    }),
    breach: { 'processors/pii.ts': "import { defineProcessor } from '../sdk/index.ts'" },
  },
  {
    rule: '5. only core/registry.ts knows where members stand',
    faults: tree => perLine(['core', 'sdk', 'config'], /['"`](?:\.{1,2}\/)+(?:plugins|processors)\//,
      'names a folder of members; ask core/registry.ts for a member by its name', code)(tree)
      .filter(fault => !fault.startsWith('core/registry.ts:')),
    breach: { 'core/chain.ts': "const pii = await import('../processors/pii.ts')" },
  },
  {
    rule: '5. core/registry.ts loads only what a config names',
    faults: mayImport(['core'],
      (name, path) => path !== 'core/registry.ts' || !/^(?:plugins|processors|core\/dialect)\//.test(name),
      'a member is loaded by the name in the config, so that adding one touches its own file only'),
    breach: { 'core/registry.ts': "import pii from '../processors/pii.ts'" },
  },
  {
    rule: '5. the config knows the contracts and nothing else of the house',
    faults: mayImport(['config'], name => /^(?:config|sdk)\//.test(name), 'it may import npm packages, sdk/ and config/ only'),
    breach: { 'config/loader.ts': "import { compileRoutes } from '../core/router.ts'" },
  },
  {
    rule: '7. no module holds state',
    faults: perLine([...HOUSE, 'bench'],
      /^(?:export )?(?:(?:let|var)\b|const (?!\w+: [Rr]eadonly).*= (?:new (?:Weak)?(?:Map|Set)(?:<.*>)?\(\)|\[\]|\{\})$)/,
      'this outlives every config; let an object hold it that one owner makes', bones),
    breach: { 'core/chain.ts': '// Runs the steps.\nlet running = 0' },
  },
  {
    rule: '8. every file is one idea',
    faults: perFile(HOUSE, (path, text) => {
      const most = path.startsWith('core/dialect/') ? 600 : 400
      const { length } = lines(text)
      return length > most ? [`${path}: ${length} lines of at most ${most}; it holds several ideas, give each its own file`] : []
    }),
    breach: { 'core/proxy.ts': '// Long.\n'.repeat(401) },
  },
  {
    rule: '8. most files are short',
    faults: tree => {
      const lengths = sources(tree, HOUSE).map(([, text]) => lines(text).length).toSorted((a, b) => a - b)
      const median = lengths[lengths.length >> 1] ?? 0
      return median > 120 ? [`the median file has ${median} lines of at most 120; split the longest`] : []
    },
    breach: { 'core/proxy.ts': '// Long.\n'.repeat(121) },
  },
  {
    rule: '10. a file begins with what it owns',
    faults: perFile([...HOUSE, 'bench'], (path, text) => {
      const head = lines(text.replace(/^#!.*\n/, '')).findIndex(line => !line.startsWith('//'))
      return head === 0 || head > 4 ? [`${path}: begin with one to four comment lines: what it owns and who calls it`] : []
    }),
    breach: { 'core/proxy.ts': "import { route } from './router.ts'" },
  },
  {
    rule: 'every type is known',
    faults: perLine(FOLDERS, /(?:[:<,|]|\bas)\s*any\b(?![\w-])/, 'use `unknown` instead of `any`, and narrow it', bones),
    breach: { 'core/proxy.ts': 'const body = answer as any' },
  },
  {
    rule: 'no checker is told to look away',
    faults: perLine(FOLDERS, /(?:oxlint|eslint)-disable|@ts-(?:ignore|expect-error|nocheck)/, 'mend what it found'),
    breach: { 'core/proxy.ts': '// @ts-ignore' },
  },
  {
    rule: 'nothing is left for later',
    faults: perLine(FOLDERS, /\b(?:TODO|FIXME|[Ss]tub(?:s|bed)?)\b/, 'finish it or take it out'),
    breach: { 'core/proxy.ts': '// TODO: retry.' },
  },
  {
    rule: 'no file knows one machine',
    faults: perLine(FOLDERS, /['"`\s]\/(?:work|root|home|Users)\/\w/, 'make the path relative, or an option'),
    breach: { 'core/proxy.ts': "const config = '/home/jane/gatehouse.yaml'" },
  },
]

const tree = readTree()

for (const { rule, faults, breach } of RULES) {
  test(rule, () => {
    assert.notDeepEqual(faults(new Map(Object.entries(breach))), [], 'the rule does not catch its own breach any more')
    const found = faults(tree)
    if (found.length > 0) assert.fail(`\n  ${found.join('\n  ')}\n`)
  })
}

test('2. the top level is fixed', () => {
  const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n').map(line => line.replace(/\/$/, ''))
  const strange = readdirSync(ROOT).filter(name => !name.startsWith('.') && !TOP.includes(name) && !ignored.includes(name))
  assert.deepEqual(strange, [], 'what is new belongs into one of the folders that are there')
})

test('every example config loads', async () => {
  const examples = [...tree.keys()].filter(path => /^config\/examples\/[^./]/.test(path))
  assert.notEqual(examples.length, 0, 'config/examples/ is empty')
  for (const path of examples) {
    await assert.doesNotReject(loadConfig(join(ROOT, path), {}), `${path} does not load`)
  }
})

test('every group of tests has the file that runs it', () => {
  const files = [...tree].filter(([path]) => path.startsWith('test/group/'))
  assert.deepEqual(files.map(([path]) => stem(path)).toSorted(), Object.keys(GROUPS).toSorted())
  for (const [path, text] of files) assert.ok(text.includes(`runGroup('${stem(path)}')`), `${path} runs another group`)
})
