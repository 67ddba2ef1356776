// What becomes of each target and when, drawn by chance so that at any time at least one of them is well. Used by vendors.ts.

/** What is wrong with a target. */
export const TROUBLES = ['refuses', 'errors', 'throttles', 'hangs', 'false start', 'breaks off', 'stalls', 'slow'] as const

/** How a target is. */
export type State = 'well' | (typeof TROUBLES)[number]

/** From then on a target is so. `at` counts in milliseconds from the begin. */
export interface Change {
  readonly at: number
  readonly target: number
  readonly state: State
}

/** Milliseconds between two changes of one target, from and to. */
const SPELL = [2000, 6000] as const
/** How often a trouble is followed by another one. */
const WORSE = 0.4

/** The changes of so many targets in so many milliseconds, in order. The first target begins well. */
export function forecast(chance: () => number, targets: number, ms: number): Change[] {
  const states: State[] = []
  const due: number[] = []
  const changes: Change[] = []
  const draw = drawing(chance)
  const change = (at: number, target: number, state: State): void => {
    states[target] = state
    due[target] = at + SPELL[0] + chance() * (SPELL[1] - SPELL[0])
    changes.push({ at, target, state })
  }
  for (let target = 0; target < targets; target++) change(0, target, target === 0 ? 'well' : draw())
  for (;;) {
    const at = Math.min(...due)
    if (at >= ms) return changes
    const target = due.indexOf(at)
    const isOnlyOne = states.every((state, other) => other === target || state !== 'well')
    const staysWell = states[target] === 'well' && isOnlyOne
    const recovers = states[target] !== 'well' && chance() >= WORSE
    change(at, target, staysWell || recovers ? 'well' : draw())
  }
}

/** Draws troubles as from a bag, which is filled anew when it is empty: a minute sees all of them. */
function drawing(chance: () => number): () => State {
  const bag: State[] = []
  return () => {
    if (bag.length === 0) bag.push(...TROUBLES)
    return bag.splice(Math.floor(chance() * bag.length), 1)[0]!
  }
}
