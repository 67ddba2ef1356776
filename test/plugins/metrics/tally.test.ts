import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tally } from '../../../plugins/metrics/tally.ts'
import type { AccessRecord, Usage } from '../../../sdk/index.ts'
import { recordOf, stepOf } from './record.ts'

const usage: Usage = { input: 1000, output: 20, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }
const genAi = { gen_ai_operation_name: 'chat', gen_ai_provider_name: 'openai', gen_ai_request_model: 'gpt-5' }

/** The values of a metric after some requests: those of counters, and the sums of histograms. */
function tallied(name: string, records: AccessRecord[]): { labels: object; value: number }[] {
  const tally = new Tally()
  for (const record of records) tally.add(record)
  const { type, values } = tally.metrics().find(metric => metric.name === name)!
  return values
    .filter(({ metricName }) => type === 'counter' || metricName === `${name}_sum`)
    .map(({ labels, value }) => ({ labels, value }))
}

const cases: { name: string; metric: string; records: AccessRecord[]; values: { labels: object; value: number }[] }[] = [
  {
    name: 'requests by route, dialect, status and ending', metric: 'gatehouse_requests_total',
    records: [recordOf(), recordOf(), recordOf({ status: 400, ending: 'blocked', error: 'blocked' })],
    values: [
      { labels: { route: 'chat', dialect: 'openai-chat', status: 200, ending: 'complete' }, value: 2 },
      { labels: { route: 'chat', dialect: 'openai-chat', status: 400, ending: 'blocked' }, value: 1 },
    ],
  },
  {
    name: 'durations in seconds', metric: 'gatehouse_request_duration_seconds',
    records: [recordOf({ ms: 250 }), recordOf({ ms: 500, streamed: true })],
    values: [{ labels: { route: 'chat', dialect: 'openai-chat' }, value: 0.75 }],
  },
  {
    name: 'the first byte, where one left', metric: 'gatehouse_first_byte_seconds',
    records: [recordOf({ firstByteMs: 500 }), recordOf({ firstByteMs: -1 })],
    values: [{ labels: { route: 'chat', dialect: 'openai-chat' }, value: 0.5 }],
  },
  {
    name: 'tokens by kind, and by who counted them', metric: 'gen_ai_client_token_usage',
    records: [recordOf({ usage }), recordOf({ usage: { ...usage, source: 'estimated' } }), recordOf()],
    values: [
      { labels: { ...genAi, gen_ai_token_type: 'input', source: 'provider' }, value: 1000 },
      { labels: { ...genAi, gen_ai_token_type: 'output', source: 'provider' }, value: 20 },
      { labels: { ...genAi, gen_ai_token_type: 'input', source: 'estimated' }, value: 1000 },
      { labels: { ...genAi, gen_ai_token_type: 'output', source: 'estimated' }, value: 20 },
    ],
  },
  {
    name: 'operations with what went wrong', metric: 'gen_ai_client_operation_duration_seconds',
    records: [
      recordOf({ ms: 500 }), recordOf({ ms: 500, status: 429 }), recordOf({ ms: 500, status: 504, error: 'deadline' }),
      recordOf({ provider: '', status: 404 }),
    ],
    values: [
      { labels: { ...genAi, error_type: '' }, value: 0.5 },
      { labels: { ...genAi, error_type: '429' }, value: 0.5 },
      { labels: { ...genAi, error_type: 'deadline' }, value: 0.5 },
    ],
  },
  {
    name: 'how prices were found', metric: 'gatehouse_price_lookups_total',
    records: [
      recordOf({ cost: { dollars: 0.5, price: 'exact', version: '' } }), recordOf({ cost: { dollars: 0, price: 'missing', version: '' } }),
      recordOf({ cost: { dollars: 0, price: 'missing', version: '' }, route: 'other' }), recordOf({}),
    ],
    values: [
      { labels: { provider: 'openai', model: 'gpt-5', status: 'exact' }, value: 1 },
      { labels: { provider: 'openai', model: 'gpt-5', status: 'missing' }, value: 2 },
    ],
  },
  {
    name: 'cost by how the price was found', metric: 'gatehouse_cost_dollars_total',
    records: [
      recordOf({ cost: { dollars: 0.5, price: 'exact', version: '' } }), recordOf({ cost: { dollars: 0.25, price: 'exact', version: '' } }),
      recordOf({ cost: { dollars: 0, price: 'missing', version: '' } }),
    ],
    values: [
      { labels: { route: 'chat', provider: 'openai', model: 'gpt-5', price: 'exact' }, value: 0.75 },
      { labels: { route: 'chat', provider: 'openai', model: 'gpt-5', price: 'missing' }, value: 0 },
    ],
  },
  {
    name: 'steps by outcome, in shadow too', metric: 'gatehouse_step_outcomes_total',
    records: [
      recordOf({ steps: [stepOf(), stepOf({ direction: 'response', outcome: 'pass' })] }),
      recordOf({ steps: [stepOf(), stepOf({ mode: 'shadow', outcome: 'block' })] }),
    ],
    values: [
      { labels: { step: 'pii', direction: 'request', mode: 'enforce', outcome: 'edit' }, value: 2 },
      { labels: { step: 'pii', direction: 'response', mode: 'enforce', outcome: 'pass' }, value: 1 },
      { labels: { step: 'pii', direction: 'request', mode: 'shadow', outcome: 'block' }, value: 1 },
    ],
  },
  {
    name: 'findings by type', metric: 'gatehouse_step_findings_total',
    records: [recordOf({ steps: [stepOf({ findings: { email: 2, iban: 1 } }), stepOf({ findings: { email: 1 } })] })],
    values: [{ labels: { step: 'pii', type: 'email' }, value: 3 }, { labels: { step: 'pii', type: 'iban' }, value: 1 }],
  },
  {
    name: 'the time of steps', metric: 'gatehouse_step_seconds',
    records: [recordOf({ steps: [stepOf({ ms: 500 }), stepOf({ ms: 250 })] })],
    values: [{ labels: { step: 'pii', direction: 'request' }, value: 0.75 }],
  },
  {
    name: 'attempts by how they went', metric: 'gatehouse_upstream_attempts_total',
    records: [recordOf({
      attempts: [
        { provider: 'openai', model: 'gpt-5', status: 0, error: 'upstream_refused', ms: 1 },
        { provider: 'local', model: 'llama3', status: 200, error: '', ms: 1 },
      ],
    })],
    values: [
      { labels: { provider: 'openai', error: 'upstream_refused' }, value: 1 },
      { labels: { provider: 'local', error: '' }, value: 1 },
    ],
  },
]
for (const { name, metric, records, values } of cases) {
  test(`counts ${name}`, () => assert.deepEqual(tallied(metric, records), values))
}

/** The models that have a label, after some requests. */
const labelled = (records: AccessRecord[]): string[] =>
  tallied('gatehouse_cost_dollars_total', records).map(({ labels }) => (labels as { model: string }).model)
const costing = (model: string, status = 200): AccessRecord => recordOf({ model, status, cost: { dollars: 1, price: 'exact', version: '' } })

test('a model that no provider answered for gets no label', () => {
  assert.deepEqual(labelled([costing('junk', 404), costing('gpt-5'), costing('junk', 404)]), ['other', 'gpt-5'])
})

test('a model name without end gets no label', () => {
  assert.deepEqual(labelled([costing('m'.repeat(129)), costing('m'.repeat(128))]), ['other', 'm'.repeat(128)])
})

test('models have 200 labels between them, and those that came first keep theirs', () => {
  const models = labelled([...Array.from({ length: 10_000 }, (_, n) => costing(`model-${n}`)), costing('model-7')])
  assert.equal(models.length, 201)
  assert.deepEqual([models[0], models[199], models[200]], ['model-0', 'model-199', 'other'])
})

test('what is looked up at once is bounded, and nothing is lost by it', () => {
  const records = Array.from({ length: 12_000 }, (_, n) =>
    recordOf({ route: `route-${n % 20}`, status: 200 + n % 300, error: n % 7 === 0 ? '' : `error-${n % 7}` }))
  const total = tallied('gatehouse_requests_total', records).reduce((sum, { value }) => sum + value, 0)
  assert.equal(total, 12_000)
})
