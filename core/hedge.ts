// A second target is asked where the first is silent for too long: the first good answer is the one, and the other is
// given up. Called by fallback.ts.
import type { Asking, Tried } from './asking.ts'

/** What is waited for. */
export interface Patient {
  /** What is cancelled with the request. */
  call: Pick<Asking<Tried>, 'cancel'> | undefined
  /** Waits so many milliseconds, until the request is cancelled, or until it is woken. */
  pause(ms: number): Promise<void>
  wake(): void
}

/**
 * Asks the first, and after so many milliseconds without a piece of its answer `another` as well, where there is one. Resolves
 * with the one that answered; with undefined where neither did, and something else can be tried.
 */
export async function hedge<T extends Tried>(
  patient: Patient, first: Asking<T>, after: number, another: () => Asking<T> | undefined,
): Promise<Asking<T> | undefined> {
  const answering = first.ask()
  const over = (): void => patient.wake()
  answering.then(over, over)
  await patient.pause(after)
  const second = first.isOver || first.hasBegun ? undefined : another()
  if (second === undefined) return answering
  first.beside = second
  second.beside = first
  patient.call = {
    cancel(reason) {
      first.cancel(reason)
      second.cancel(reason)
    },
  }
  const others = second.ask()
  let answered: Asking<T> | undefined
  try {
    // One that failed leaves it to the other.
    answered = await Promise.race([answering, others]) ?? await answering ?? await others
    return answered
  } finally {
    for (const asking of [first, second]) if (asking !== answered) asking.outrun()
  }
}
