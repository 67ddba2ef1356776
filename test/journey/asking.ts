// A detector that leaves its judgement to a service, as those do that need a model. Used by the journey tests, whose own
// server is that service: it sees every call, and answers what and when the test wants.
import { defineProcessor, Type, type Finding } from 'gatehouse/sdk'

export default defineProcessor({
  name: 'asking',
  kind: 'detector',
  rights: ['annotate', 'edit', 'block'],
  stream: { maxMatch: 20 },
  remembers: true,
  options: Type.Object({ url: Type.String() }),
  setup: ({ url }) => ({
    async inspect(segments, { remaining }) {
      const reply = await fetch(url, { method: 'POST', body: JSON.stringify({ segments, remaining }) })
      if (!reply.ok) throw new Error(`the service said ${reply.status}`)
      return await reply.json() as Finding[]
    },
  }),
})
