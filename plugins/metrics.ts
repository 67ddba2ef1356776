// Prometheus metrics. Every worker tallies its own finished requests; the admin port's /metrics adds the workers up.
// Switched on by `plugins: [metrics]`. Names of model calls are those of OpenTelemetry's GenAI conventions.
import { collectDefaultMetrics, Registry } from 'prom-client'
import { definePlugin } from 'gatehouse/sdk'
import { journalMetrics } from './metrics/books.ts'
import { budgetMetrics } from './metrics/budget.ts'
import { epoch, Scraper, type Answer } from './metrics/scraper.ts'
import { mirrorMetrics } from './metrics/mirror.ts'
import { poolMetrics } from './metrics/pool.ts'
import { sandboxMetrics } from './metrics/sandbox.ts'
import { metric, type Metric } from './metrics/series.ts'
import { stepLoopMetrics } from './metrics/step-loop.ts'
import { Tally } from './metrics/tally.ts'

export default definePlugin({
  name: 'metrics',
  data(_app, house) {
    const node = new Registry()
    collectDefaultMetrics({ register: node })
    const tally = new Tally()
    house.settled(record => tally.add(record))
    house.answers('metrics', async (): Promise<Answer> => ({
      pid: process.pid,
      metrics: [
        ...await node.getMetricsAsJSON() as unknown as Metric[],
        ...tally.metrics(),
        metric('gatehouse_in_flight', 'Requests under way.', 'gauge', [[{}, house.inFlight]]),
        epoch(house.epoch),
        ...poolMetrics(house.pool),
        ...sandboxMetrics(house.sandbox),
        ...stepLoopMetrics(house.loopTimes),
        ...mirrorMetrics(house.mirrors),
        ...budgetMetrics(house.budgets),
        ...journalMetrics(house.journalDropped),
      ],
    }))
  },
  control(app, house) {
    const scraper = new Scraper(house)
    app.get('/metrics', async (_request, reply) => reply.type(Registry.PROMETHEUS_CONTENT_TYPE).send(await scraper.scrape()))
  },
})
