import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { dialectNames, loadTranslation, translationNames } from '../../core/registry.ts'
import type { ProviderError, Translation } from '../../sdk/index.ts'
import { cellOf, errorThrough, FAILURES, FEATURES, tables } from '../core/translation/matrix.ts'

const load = (names: readonly string[]): Promise<Translation[]> => Promise.all(names.map(loadTranslation))
const providers = await load(translationNames())
const clients = await load(dialectNames().filter(name => translationNames().includes(name)))

for (const client of clients) {
  for (const provider of providers) {
    if (provider === client) continue
    describe(`a client of ${client.name} at a provider of ${provider.name}`, () => {
      for (const feature of FEATURES) {
        for (const streamed of [false, true]) {
          test(`${feature.name}, ${streamed ? 'streamed' : 'whole'}: all of it arrives, or what does not is named`, () => {
            const cell = cellOf(client, provider, feature, streamed)
            assert.notEqual(cell.result, 'lost', cell.result === 'lost' ? cell.what : '')
          })
        }
      }

      test('an error is told as what it is', () => {
        for (const failure of FAILURES) {
          const told = errorThrough(client, provider, failure)
          assert.equal(told.message, 'It went wrong.')
          assert.ok(told.status >= 400, failure)
          assert.ok(alike(failure).includes(told.failure as ProviderError['failure']), `${failure} became ${told.failure}`)
        }
      })
    })
  }
}

/** Not every format tells all of them apart; what may be tried again must stay so. */
function alike(failure: ProviderError['failure']): ProviderError['failure'][] {
  const families = [['auth', 'permission'], ['rate_limit', 'quota', 'billing', 'permission'], ['bad_request', 'too_large'], ['upstream', 'overloaded', 'timeout']] as const
  return [failure, ...families.filter(family => (family as readonly string[]).includes(failure)).flat()]
}

const README = new URL('../../core/translation/README.md', import.meta.url)
const [BEGIN, END] = ['<!-- matrix -->', '<!-- /matrix -->']

// To write it anew: WRITE=1 node --test test/journey/matrix.test.ts
test('the README tells the matrix as it is', () => {
  const page = readFileSync(README, 'utf8')
  const [before, after] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))]
  const now = `${before}${BEGIN}\n${tables(clients, providers)}\n${after}`
  if (process.env['WRITE'] === '1') writeFileSync(README, now)
  else assert.equal(page, now)
})
