import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../config/loader.ts'
import { ConfigError } from '../../config/problem.ts'
import { checkConfig } from '../../core/config-check.ts'

const house = (more: object): object => ({
  providers: { echo: { use: 'echo' } },
  routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'echo' }] }],
  ...more,
})

/** Every problem as its place and what stands there. */
async function problemsOf(written: object): Promise<string[]> {
  const { config, problem } = await parseConfig(JSON.stringify(written, null, 2), { file: 'house.json', env: {} })
  try {
    const routes = await checkConfig(config, 1, problem)
    assert.deepEqual(routes.map(({ name }) => name), ['all'])
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    assert.ok(error.problems.every(({ file, line }) => file === 'house.json' && line > 1))
    return error.problems.map(({ path, got }) => `${path} ${got}`)
  }
}

const cases: { name: string; more: object; problems: string[] }[] = [
  { name: 'a house that is in order', more: { plugins: ['health'], apis: ['openai'], auth: 'key' }, problems: [] },
  { name: 'an unknown plugin', more: { plugins: ['health', 'helth'] }, problems: ['/plugins/1 "helth"'] },
  { name: 'an unknown api', more: { apis: ['openay'] }, problems: ['/apis/0 "openay"'] },
  { name: 'an unknown auth', more: { auth: 'kez' }, problems: ['/auth "kez"'] },
  { name: 'a path in place of a name', more: { auth: '../admin' }, problems: ['/auth "../admin"'] },
  {
    name: 'options for a plugin that has none',
    more: { plugins: [{ use: 'health', options: { path: '/up' } }] },
    problems: ['/plugins/0/options path'],
  },
  {
    name: 'problems of plugins and of chains together',
    more: { auth: 'kez', chains: { a: ['pie'] } },
    problems: ['/auth "kez"', '/chains/a/0/use "pie"'],
  },
]
for (const { name, more, problems } of cases) {
  test(name, async () => assert.deepEqual(await problemsOf(house(more)), problems))
}
