// A detector with next to no work of its own: so that the bench shows what a call costs that crosses to where it runs. Used
// by ../calls.ts.
import { defineProcessor } from 'gatehouse/sdk'

/** Characters from which on a text is too long. */
const LONG = 1_000_000

export default defineProcessor({
  name: 'measure-length',
  kind: 'detector',
  rights: ['annotate'],
  on: ['request'],
  setup: () => ({
    inspect: segments => segments.filter(({ text }) => text.length > LONG)
      .map(({ id, text }) => ({ segment: id, start: LONG, end: text.length, type: 'long' })),
  }),
})
