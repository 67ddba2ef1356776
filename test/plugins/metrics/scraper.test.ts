import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scraper, type Answer } from '../../../plugins/metrics/scraper.ts'
import { Family, metric } from '../../../plugins/metrics/series.ts'
import type { ControlPlane } from '../../../sdk/index.ts'

/** What a worker answers that served so many requests, and took `seconds` for each. */
function answerOf(pid: number, requests: number, inFlight = 0): Answer {
  const counter = new Family('requests_total', 'R.')
  const histogram = new Family('seconds', 'S.', [1])
  counter.series({ route: 'chat' }).add(requests)
  for (let n = 0; n < requests; n++) histogram.series({}).add(0.5)
  return { pid, metrics: [counter.metric, histogram.metric, metric('in_flight', 'I.', 'gauge', [[{}, inFlight]])] }
}

interface Rig { scrape: () => Promise<Record<string, number>>; answers: unknown[]; living: number[]; asked: () => number }

/** A scraper over workers that answer as the test says; what it scrapes, by line. */
function rig(): Rig {
  const answers: unknown[] = []
  const living: number[] = []
  let asked = 0
  const scraper = new Scraper({
    ask: async () => {
      asked++
      return [...answers]
    },
    summary() {
      return { epoch: 1, workers: living.map(pid => ({ pid, state: 'listening', restarts: 1 })), reloads: { ok: 0, failed: 0 } }
    },
  } as unknown as ControlPlane)
  const scrape = async (): Promise<Record<string, number>> => {
    const lines = (await scraper.scrape()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
    return Object.fromEntries(lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }))
  }
  return { scrape, answers, living, asked: () => asked }
}

const said = (lines: Record<string, number>): object => ({
  requests: lines['requests_total{route="chat"}'], count: lines['seconds_count'],
  bucket: lines['seconds_bucket{le="1"}'], inFlight: lines['in_flight'],
})

test('adds the workers up', async () => {
  const { scrape, answers, living } = rig()
  answers.push(answerOf(1, 3, 1), answerOf(2, 4, 2))
  living.push(1, 2)
  const lines = await scrape()
  assert.deepEqual(said(lines), { requests: 7, count: 7, bucket: 7, inFlight: 3 })
  assert.deepEqual([lines['gatehouse_workers{state="listening"}'], lines['gatehouse_worker_restarts_total']], [2, 2])
})

test('what an ended worker had counted stays, its gauges do not', async () => {
  const { scrape, answers, living } = rig()
  answers.push(answerOf(1, 3, 1), answerOf(2, 4, 2))
  living.push(1, 2)
  await scrape()
  for (const pid of [3, 4, 5]) {
    answers[1] = answerOf(pid, 10, 5)
    living[1] = pid
    await scrape()
  }
  assert.deepEqual(said(await scrape()), { requests: 3 + 4 + 10 + 10 + 10, count: 37, bucket: 37, inFlight: 6 })
})

test('a worker that is too busy to answer counts as it last said', async () => {
  const { scrape, answers, living } = rig()
  answers.push(answerOf(1, 3), answerOf(2, 4))
  living.push(1, 2)
  await scrape()
  answers.pop()
  assert.deepEqual(said(await scrape()), { requests: 7, count: 7, bucket: 7, inFlight: 0 })
  answers.push(answerOf(2, 6))
  assert.deepEqual(said(await scrape()), { requests: 9, count: 9, bucket: 9, inFlight: 0 })
})

test('scrapes that come together ask the workers once', async () => {
  const { scrape, answers, living, asked } = rig()
  answers.push(answerOf(1, 3))
  living.push(1)
  await Promise.all([scrape(), scrape(), scrape()])
  assert.equal(asked(), 1)
  await scrape()
  assert.equal(asked(), 2)
})

test('without workers there is still what the supervisor knows', async () => {
  const { scrape } = rig()
  const lines = await scrape()
  assert.deepEqual([lines['gatehouse_workers{state="listening"}'], lines['gatehouse_config_epoch']], [0, 1])
})

test('an answer that is none is passed over', async () => {
  const { scrape, answers, living } = rig()
  answers.push(undefined, null, 'x', {}, answerOf(1, 3))
  living.push(1)
  assert.deepEqual(said(await scrape()), { requests: 3, count: 3, bucket: 3, inFlight: 0 })
})
