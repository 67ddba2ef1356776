// A detector that judges a stream only when it is whole, at next to no cost of its own: so that the bench
// shows what the delivery costs. Used by ../scenario.ts.
import { defineProcessor } from 'gatehouse/sdk'

export default defineProcessor({
  name: 'by-whole',
  kind: 'detector',
  rights: ['block', 'annotate'],
  on: ['response'],
  stream: { delivery: 'complete' },
  setup: () => ({
    inspect: segments => segments.filter(({ text }) => text.includes('drawbridge'))
      .map(({ id, text }) => ({ segment: id, start: 0, end: text.length, type: 'drawbridge' })),
  }),
})
