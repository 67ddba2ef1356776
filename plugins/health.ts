// Health at the admin port, for Kubernetes and load balancers: /livez says that the process lives, /readyz whether
// traffic should come. Switched on by `plugins: [health]`.
import { definePlugin } from 'gatehouse/sdk'

export default definePlugin({
  name: 'health',
  control(app, house) {
    app.get('/livez', async () => ({ alive: true }))
    app.get('/readyz', async (_request, reply) => {
      const readiness = house.readiness()
      return reply.code(readiness.ready ? 200 : 503).send(readiness)
    })
  },
})
