// The admin API at the admin port: what serves, and the reload. Switched on by `plugins: [admin]`.
import { definePlugin } from 'gatehouse/sdk'

export default definePlugin({
  name: 'admin',
  control(app, house) {
    app.get('/admin/config', async () => house.summary())
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
