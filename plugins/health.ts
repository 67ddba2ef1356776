// Health at the admin port, for Kubernetes and load balancers: /livez says that the process lives, /readyz whether
// traffic should come. Switched on by `plugins: [health]`.
import { definePlugin } from 'gatehouse/sdk'

/** Milliseconds for workers to say what is in quarantine. A probe waits for a second, and one busy worker is no reason to fail it. */
const ASKING = 300

export default definePlugin({
  name: 'health',
  data(_app, house) {
    house.answers('health', () => house.sandbox?.quarantined ?? [])
  },
  control(app, house) {
    app.get('/livez', async () => ({ alive: true }))
    app.get('/readyz', async (_request, reply) => {
      const readiness = house.readiness()
      const answers = await house.ask('health', undefined, ASKING)
      const quarantined = [...new Set(answers.flat() as string[])]
      // One step is left out, and its policy says what that means: no reason to send the traffic elsewhere.
      const notes = quarantined.map(processor => `${processor} is in quarantine: it brought sandbox hosts down`)
      return reply.code(readiness.ready ? 200 : 503).send({ ...readiness, notes })
    })
  },
})
