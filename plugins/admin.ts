// The admin API at the admin port: what serves, the reload, which steps hold the loop for too long (what
// `gatehouse check --live` prints), and what the ledger tells. Switched on by `plugins: [admin]`.
import { definePlugin, type LoopTime } from 'gatehouse/sdk'
import { ledgerRoutes } from './admin/ledger.ts'

export default definePlugin({
  name: 'admin',
  data(_app, house) {
    house.answers('advice', () => house.loopTimes)
  },
  control(app, house) {
    ledgerRoutes(app, house)
    app.get('/admin/config', async () => house.summary())
    app.get('/admin/advice', async () => ({ steps: merged((await house.ask('advice')).flat() as LoopTime[]) }))
    app.post('/admin/reload', async (_request, reply) => {
      try {
        return { epoch: await house.reload() }
      } catch (error) {
        // The problems of a config are sentences made to be shown; they hold no secret.
        const problems = error instanceof Error ? error.message.split('\n') : [String(error)]
        return reply.code(422).send({ error: { code: 'invalid_config', message: 'The config stays as it was.', problems } })
      }
    })
  },
})

/** One entry a step: the calls of all workers, and the word of the slowest, among those that have seen enough to give advice. */
function merged(times: readonly LoopTime[]): LoopTime[] {
  const steps = Map.groupBy(times, ({ chain, step }) => `${chain}\n${step}`)
  return [...steps.values()].map(own => {
    const [worst] = own.toSorted((a, b) => Number(b.advice !== undefined) - Number(a.advice !== undefined) || b.p99 - a.p99)
    return { ...worst!, calls: own.reduce((sum, { calls }) => sum + calls, 0) }
  })
}
