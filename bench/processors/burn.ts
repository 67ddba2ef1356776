// A detector that keeps a core busy for as many rounds as its options say, but only for texts with its marker in them. Used by
// ../places.ts, which finds out how many rounds are so many milliseconds on this machine.
import { defineProcessor, Type } from 'gatehouse/sdk'

/** The word that sets it to work. */
export const MARKER = 'furnace'

/** Works by rounds, not by the clock: it is the same work everywhere. Gives a number from 0 to 1, so that no compiler leaves it out. */
export function burn(rounds: number): number {
  let state = rounds
  for (let round = 0; round < rounds; round++) state = Math.imul(state, 1_664_525) + 1_013_904_223
  return (state >>> 0) / 2 ** 32
}

export default defineProcessor({
  name: 'burn',
  kind: 'detector',
  rights: ['annotate'],
  reads: { origins: ['user'] },
  on: ['request'],
  onError: 'closed',
  options: Type.Object({ rounds: Type.Integer({ minimum: 1 }) }),
  setup: ({ rounds }) => ({
    inspect: segments => segments.filter(({ text }) => text.includes(MARKER))
      .map(({ id, text }) => ({ segment: id, start: 0, end: text.length, type: 'burnt', score: burn(rounds) })),
  }),
})
