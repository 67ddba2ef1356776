// Health at the admin port, for Kubernetes and load balancers: /livez says that the process lives, /readyz whether
// traffic should come. Switched on by `plugins: [health]`.
import { definePlugin } from 'gatehouse/sdk'

/** Milliseconds for workers to say what is wrong. A probe waits for a second, and one busy worker is no reason to fail it. */
const ASKING = 300

export default definePlugin({
  name: 'health',
  data(_app, house) {
    house.answers('health', () => [
      ...(house.sandbox?.quarantined ?? []).map(processor => `${processor} is in quarantine: it brought sandbox hosts down`),
      ...house.troubles,
    ])
  },
  control(app, house) {
    app.get('/livez', async () => ({ alive: true }))
    app.get('/readyz', async (_request, reply) => {
      const readiness = house.readiness()
      const answers = await house.ask('health', undefined, ASKING)
      // A step that is left out has its policy, and a key that is refused has others: no reason to send the traffic elsewhere.
      const notes = [...readiness.notes, ...new Set(answers.flat() as string[])]
      if ((house.books?.failingSince ?? 0) > 0) notes.push('the ledger takes no entries; they wait on disk')
      return reply.code(readiness.ready ? 200 : 503).send({ ...readiness, notes })
    })
  },
})
