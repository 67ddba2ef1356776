// Forgets answers that are kept to be given again: `POST /admin/cache/forget` at the admin port, in every worker. Switched on
// by `plugins: [cache]`.
import { definePlugin, Type } from 'gatehouse/sdk'

const MOST_TAGS = 100

const BODY = Type.Object({
  tags: Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { minItems: 1, maxItems: MOST_TAGS }),
}, { additionalProperties: false })

/** Milliseconds; an index of a million entries is looked through in less. */
const TIMEOUT = 30_000

export default definePlugin({
  name: 'cache',
  data(_app, house) {
    house.answers('cache forget', tags => house.forget(tags as string[]))
  },
  control(app, house) {
    // What an answer's tags are, the processor says: consumer:NAME, route:NAME, model:NAME, tags.NAME:VALUE.
    app.post<{ Body: { tags: string[] } }>('/admin/cache/forget', { schema: { body: BODY } }, async ({ body: { tags } }) => {
      const counts = await house.ask('cache forget', tags, TIMEOUT) as number[]
      return { forgotten: counts.reduce((sum, count) => sum + count, 0), workers: counts.length }
    })
  },
})
