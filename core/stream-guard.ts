// Lets a chain guard a stream: every frame is read along the dialect's map, each line of text runs through its lane, and
// what is released is spliced back into the frame that carried it. Frames in, frames out; untouched ones to the byte.
// Called by reply.ts.
import { GatehouseError, type ByteEdit, type Lane as LaneName, type StepRecord, type Streaming, type Tape } from '../sdk/index.ts'
import { beginStep, scopeOf, type Chain } from './chain.ts'
import { encodeFrame, type Frame } from './codec/sse.ts'
import type { Context } from './context.ts'
import { covers } from './conversation.ts'
import { HoldBack } from './hold-back.ts'
import { quote } from './json-string.ts'
import { Lane } from './lane.ts'
import type { Passage } from './passage.ts'
import { read, type Reading, type Spot } from './reading.ts'
import { RESTORED, Restorer } from './restore.ts'
import { splice } from './splice.ts'
import type { Step } from './step.ts'

/** A lane that some step or the vault has business with. */
interface GuardedLane {
  readonly name: LaneName
  readonly lane: Lane
  ended: boolean
}

/** Guards one stream. */
export class StreamGuard implements Passage {
  readonly #context: Context
  readonly #streaming: Streaming
  readonly #steps: readonly (readonly [Step, StepRecord])[]
  readonly #observed: Chain['observers']
  /** By the path of their text; undefined where nobody has business with the lane. */
  readonly #lanes = new Map<string, GuardedLane | undefined>()
  /** Choices that were begun and not yet finished. */
  readonly #open = new Set<number>()
  readonly #done: Buffer | undefined
  #finished = false
  /** True after the frame that ends the stream, or after one that says it failed. */
  #ended = false
  /** Payload of the latest frame with a choice in it: the model for frames of our own. */
  #like: Buffer = Buffer.from('{}')

  constructor(context: Context, chain: Chain, streaming: Streaming) {
    this.#context = context
    this.#streaming = streaming
    this.#observed = chain.observers
    this.#done = streaming.done === undefined ? undefined : Buffer.from(streaming.done)
    const steps: [Step, StepRecord][] = []
    for (const step of chain.response) {
      if (step.position >= context.answeredAt) continue
      const record = beginStep(context, step, 'response')
      if (record !== undefined) steps.push([step, record])
    }
    this.#steps = steps
  }

  /** The bytes to send for one frame: none, the frame itself, or more than one. Throws Blocked where the stream must end. */
  async frame(frame: Frame, out: Buffer[]): Promise<void> {
    if (frame.data === undefined) return void out.push(frame.bytes)
    const payload = frame.data
    if (this.#done?.equals(payload)) {
      await this.finish(out)
      this.#ended = true
      return void out.push(frame.bytes)
    }
    const tape = this.#scan(payload)
    const reading = read(tape, this.#streaming.frame)
    if (this.#tap(tape, reading)) return
    const edited = await this.#guard(tape, reading, out)
    out.push(edited === undefined ? frame.bytes : reframe(frame, edited))
  }

  /** What is still held, as frames of our own; then whether every choice had finished. */
  async finish(out: Buffer[]): Promise<boolean> {
    for (const guarded of this.#lanes.values()) {
      if (guarded !== undefined) await this.#flushLane(guarded, out)
    }
    return this.#ended || (this.#finished && this.#open.size === 0)
  }

  /** The frames that end the stream as the dialect's own refusal. */
  refusal(): Buffer {
    const payloads = [...this.#streaming.refuse(this.#open.size === 0 ? [0] : [...this.#open], this.#like.toString())]
    if (this.#streaming.done !== undefined) payloads.push(this.#streaming.done)
    return Buffer.from(payloads.map(payload => encodeFrame(payload)).join(''))
  }

  #scan(payload: Buffer): Tape {
    try {
      return this.#context.gateway.scanner.scan(payload, { depth: this.#context.gateway.config.limits.depth, halves: true })
    } catch (error) {
      throw new GatehouseError('upstream_invalid', 'The upstream sent an event that is no JSON, which this route cannot guard.', { cause: error })
    }
  }

  /** Notes usage and errors; true for a frame that only the gateway asked for and that the client must not see. */
  #tap(tape: Tape, reading: Reading): boolean {
    if (reading.error !== -1) {
      this.#context.noteUpstreamError()
      this.#ended = true
    }
    if (reading.usage === -1) return false
    this.#context.noteUsage(tape, reading.usage)
    return this.#context.askedForUsage && this.#streaming.onlyUsage(tape)
  }

  /** The payload with its text as the lanes let it out; undefined where nothing changed. */
  async #guard(tape: Tape, reading: Reading, out: Buffer[]): Promise<Buffer | undefined> {
    if (reading.spots.length > 0 || reading.finished.length > 0) this.#like = tape.bytes
    const edits: ByteEdit[] = []
    // After an error nothing follows, so what is held goes before it.
    if (reading.error !== -1) await this.finish(out)
    for (const spot of reading.spots) {
      if (!spot.whole) this.#open.add(spot.choice)
      const guarded = spot.whole ? this.#openLane(spot) : this.#laneOf(spot)
      if (guarded === undefined) continue
      const text = tape.text(spot.node) ?? ''
      // The last text of a choice may ride on the very frame that finishes it: then everything leaves with it.
      guarded.ended = spot.whole || reading.finished.includes(spot.choice)
      const released = guarded.lane.push(text, guarded.ended)
      const now = released instanceof Promise ? await released : released
      if (now !== text) edits.push({ start: tape.start(spot.node), end: tape.end(spot.node), text: quote(now) })
    }
    for (const choice of reading.finished) {
      for (const guarded of this.#lanes.values()) {
        if (guarded?.name.choice === choice) await this.#flushLane(guarded, out)
      }
      this.#open.delete(choice)
      this.#finished = true
    }
    return edits.length === 0 ? undefined : splice(tape.bytes, edits)
  }

  async #flushLane(guarded: GuardedLane, out: Buffer[]): Promise<void> {
    if (guarded.ended) return
    guarded.ended = true
    const rest = await guarded.lane.push('', true)
    if (rest !== '') out.push(Buffer.from(encodeFrame(this.#streaming.say(guarded.name, rest, this.#like.toString()))))
  }

  #laneOf(spot: Spot): GuardedLane | undefined {
    if (this.#lanes.has(spot.path)) return this.#lanes.get(spot.path)
    const guarded = this.#openLane(spot)
    this.#lanes.set(spot.path, guarded)
    return guarded
  }

  #openLane(spot: Spot): GuardedLane | undefined {
    const context = this.#context
    const place = { id: this.#lanes.size, origin: spot.origin, trust: 'trusted', channel: spot.channel, choice: spot.choice, path: spot.path } as const
    const guards: HoldBack[] = []
    const shadows: HoldBack[] = []
    for (const [step, record] of this.#steps) {
      if (!covers(step.reads, spot.origin, spot.channel)) continue
      const stage = new HoldBack(step, record, place, context.vault, () => scopeOf(context, 'response'))
      if (step.mode === 'shadow') shadows.push(stage)
      else guards.push(stage)
    }
    const restorer = context.holdsValues && covers(RESTORED, spot.origin, spot.channel) ? new Restorer(context.vault) : undefined
    const heard = this.#observed.some(observer => covers(observer.reads, spot.origin, spot.channel)) ? context.answered : undefined
    if (guards.length + shadows.length === 0 && restorer === undefined && heard === undefined) return undefined
    const name = { choice: spot.choice, channel: spot.channel, call: spot.call }
    return { name, lane: new Lane(guards, shadows, restorer, heard), ended: false }
  }
}

/** A frame with another payload; its event and id lines stay. */
function reframe(frame: Frame, payload: Buffer): Buffer {
  if (frame.dataStart === -1) return Buffer.from(encodeFrame(payload.toString(), frame.event))
  const end = frame.dataStart + frame.data!.length
  return Buffer.concat([frame.bytes.subarray(0, frame.dataStart), payload, frame.bytes.subarray(end)])
}
