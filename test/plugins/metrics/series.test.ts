import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client'
import { fc } from '../../law.ts'
import { Family, type Metric } from '../../../plugins/metrics/series.ts'

const BOUNDS = [0.1, 1, 10]
const labelSets = fc.record({ route: fc.constantFrom('a', 'b'), model: fc.string({ maxLength: 3 }) })

/** The values of some metrics as a scrape adds them up, in no order. */
async function added(metrics: object[]): Promise<string[]> {
  const families = await AggregatorRegistry.aggregate([metrics]).getMetricsAsJSON()
  const values = families.flatMap(({ name, type, values: samples }) => (samples as Metric['values'])
    .map(({ metricName, labels, value }) => [name, type, metricName, Object.entries(labels).toSorted(), value]))
  return values.map(value => JSON.stringify(value)).toSorted()
}

test('counts and sums are what prom-client makes of the same values', () => fc.assert(fc.asyncProperty(
  fc.array(fc.tuple(labelSets, fc.double({ min: 0, max: 100, noNaN: true })), { maxLength: 30 }),
  async given => {
    const registry = new Registry()
    const more = { labelNames: ['route', 'model'], registers: [registry] }
    const counter = new Counter({ name: 'c', help: 'C.', ...more })
    const histogram = new Histogram({ name: 'h', help: 'H.', buckets: BOUNDS, ...more })
    const families = [new Family('c', 'C.'), new Family('h', 'H.', BOUNDS)]
    for (const [label, value] of given) {
      counter.inc(label, value)
      histogram.observe(label, value)
      for (const family of families) family.series(label).add(value)
    }
    assert.deepEqual(await added(families.map(family => family.metric)), await added(await registry.getMetricsAsJSON()))
  },
), { numRuns: 50 }))

test('a value on a bound is in its bucket; one above all is in none but the last', () => {
  const family = new Family('h', 'H.', BOUNDS)
  for (const value of [0.1, 0.11, 10, 11]) family.series({}).add(value)
  const counts = family.metric.values.map(({ metricName, labels: { le }, value }) => [metricName, le, value])
  assert.deepEqual(counts, [
    ['h_bucket', 0.1, 1], ['h_bucket', 1, 2], ['h_bucket', 10, 3], ['h_bucket', '+Inf', 4],
    ['h_sum', undefined, 21.21], ['h_count', undefined, 4],
  ])
})

for (const value of [NaN, Infinity, -Infinity]) {
  test(`${value} is not counted`, () => {
    const { metric } = (() => {
      const family = new Family('c', 'C.')
      family.series({}).add(value)
      family.series({}).add(2)
      return family
    })()
    assert.deepEqual(metric.values, [{ labels: {}, value: 2 }])
  })
}

test('label sets are bounded: the known ones go on, all others count as one', () => {
  const family = new Family('c', 'C.')
  for (let n = 0; n < 5000; n++) family.series({ route: 'r', type: `t${n}` }).add(1)
  family.series({ route: 'r', type: 't1' }).add(1)
  const { values } = family.metric
  assert.equal(values.length, 1001)
  assert.equal(values.find(({ labels: { type } }) => type === 't1')!.value, 2)
  assert.deepEqual(values.at(-1), { labels: { route: 'other', type: 'other' }, value: 4000 })
})
