// Why an exchange went as it did: the record of each of the latest requests, with every finding but no value, at the admin
// port by the id that the reply's `x-gatehouse-id` told. Switched on by `plugins: [explain]`.
import { definePlugin, Type, type AccessRecord } from 'gatehouse/sdk'

const DEFAULTS = { keep: 1000 }

export default definePlugin({
  name: 'explain',
  options: Type.Object({
    keep: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: DEFAULTS.keep, description: 'Records kept per worker.' })),
  }, { additionalProperties: false }),
  data(_app, house, options) {
    const { keep } = { ...DEFAULTS, ...options }
    const ring: AccessRecord[] = []
    let count = 0
    house.settled(record => { ring[count++ % keep] = record })
    house.answers('explain', id => ring.find(record => record.id === id) ?? null)
  },
  control(app, house) {
    app.get<{ Params: { id: string } }>('/admin/explain/:id', async ({ params }, reply) => {
      const answers = await house.ask('explain', params.id)
      const record = answers.find(answer => answer !== null && answer !== undefined)
      if (record !== undefined) return record
      const message = 'Expected the id of one of the latest requests, as x-gatehouse-id told it; this one is not among them.'
      return reply.code(404).send({ error: { code: 'unknown_id', message } })
    })
  },
})
