import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadConfig } from '../../config/loader.ts'
import { checkConfig } from '../../core/config-check.ts'

const FOLDER = join(import.meta.dirname, '../../config/examples')
const OPEN = /^no consumers are declared/

describe('the examples', () => {
  // Whoever has started one finds its state beside it.
  for (const name of readdirSync(FOLDER).filter(one => !one.startsWith('.'))) {
    test(`${name} would start with nothing set, and listens on this machine only`, async t => {
      const { config, warnings, problem } = await loadConfig(join(FOLDER, name), {})
      assert.deepEqual(warnings.filter(warning => !OPEN.test(warning)), [])
      const state = await mkdtemp(join(tmpdir(), 'gatehouse-'))
      t.after(() => rm(state, { recursive: true }))
      const routes = await checkConfig({ ...config, state }, 1, problem)
      assert.deepEqual(routes.flatMap(route => route.warnings), [])
      assert.equal(config.listen.host, '127.0.0.1')
      // Whoever has no account must get an answer all the same.
      for (const { use, key, withoutKey } of Object.values(config.providers)) {
        if (use === 'openai') assert.deepEqual([key, withoutKey], ['', 'echo'])
      }
    })
  }

  test('quickstart takes the key of the environment', async () => {
    const { config } = await loadConfig(join(FOLDER, 'quickstart.yaml'), { OPENAI_API_KEY: 'sk-1' })
    assert.equal(config.providers['openai']!.key, 'sk-1')
    assert.deepEqual(config.chains['guarded']!.request.map(({ use, mode }) => [use, mode]),
      [['pii', undefined], ['prompt-decorate', undefined], ['moderation', 'shadow'], ['meter', undefined]])
  })

  test('consumers.yaml holds the hashes of the keys that it names', async () => {
    const { config } = await loadConfig(join(FOLDER, 'consumers.yaml'), {})
    const named = readFileSync(join(FOLDER, 'consumers.yaml'), 'utf8').match(/\w+-key-\d/g)!
    assert.deepEqual(config.consumers.flatMap(({ keys }) => keys.map(({ sha256 }) => sha256)),
      named.map(key => createHash('sha256').update(key).digest('hex')))
  })
})
