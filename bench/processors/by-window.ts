// A detector that judges a stream window by window, as a classifier would, at next to no cost of its own: so that the bench
// shows what the delivery costs. Used by ../scenario.ts.
import { defineProcessor } from 'gatehouse/sdk'

export default defineProcessor({
  name: 'by-window',
  kind: 'detector',
  rights: ['block', 'annotate'],
  on: ['response'],
  stream: { delivery: 'window', window: { size: 100, overlap: 20 } },
  setup: () => ({
    inspect: segments => segments.filter(({ text }) => text.includes('drawbridge'))
      .map(({ id, text }) => ({ segment: id, start: 0, end: text.length, type: 'drawbridge' })),
  }),
})
