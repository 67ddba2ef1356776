// The frames that leave a guarded stream, in their order, and what the client knows by those that have left. Used by
// stream-guard.ts.
/** A frame to send, and what the client learns from it: which choices and calls there are, and which are over. */
export interface Outgoing {
  readonly bytes: Buffer
  readonly told: Readonly<Record<'choices' | 'finished' | 'calls' | 'stopped', readonly number[]>>
}

/** What a frame tells that is a piece of text and nothing else. */
export const NOTHING_TOLD: Outgoing['told'] = { choices: [], finished: [], calls: [], stopped: [] }

/** The way out of one stream. */
export class Departures {
  /** Choices as the client knows them: those it has heard of, and those it has seen finish. */
  readonly begun = new Set<number>()
  readonly ended = new Set<number>()
  /** Calls, or blocks, that the client knows of and has not seen stop. */
  readonly open = new Set<number>()
  /** Choices with a tool call that is not yet judged: no program can use half a call, so its frames wait for the whole. */
  readonly calling = new Set<number>()
  /** How many frames have left. */
  sent = 0
  /** What has to wait behind a tool call, in its order. */
  #waiting: Outgoing[] = []

  /** Sends frames on, behind those that wait, unless a tool call keeps them all waiting. */
  leave(outgoing: readonly Outgoing[], out: Buffer[]): void {
    this.#waiting.push(...outgoing)
    if (this.calling.size > 0) return
    for (const { bytes, told } of this.#waiting) {
      out.push(bytes)
      this.sent++
      for (const choice of told.choices) this.begun.add(choice)
      for (const choice of told.finished) this.ended.add(choice)
      for (const call of told.calls) this.open.add(call)
      for (const call of told.stopped) this.open.delete(call)
    }
    this.#waiting = []
  }

  /** The same for a frame that tells nothing which one like it has not told before. */
  leaveAlone(bytes: Buffer, out: Buffer[]): void {
    if (this.calling.size + this.#waiting.length > 0) return this.leave([{ bytes, told: NOTHING_TOLD }], out)
    out.push(bytes)
    this.sent++
  }

  /** What waits will never leave. */
  giveUp(): void {
    this.calling.clear()
    this.#waiting = []
  }
}
