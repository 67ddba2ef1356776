// Lets a chain guard a stream: every frame is read along the dialect's map, each line of text runs through its lane, and
// what is released is spliced back into the frame that carried it. Frames in, frames out; untouched ones to the byte.
// Called by stream.ts.
import {
  GatehouseError, type ByteEdit, type Lane as LaneName, type StepRecord, type StreamRecord, type Streaming, type Tape,
} from '../sdk/index.ts'
import type { Chain } from './chain.ts'
import { encodeFrame, type Frame } from './codec/sse.ts'
import type { Context } from './context.ts'
import { covers, namesTool } from './conversation.ts'
import { Declared } from './declared.ts'
import { deliveryOfAll } from './delivery.ts'
import { Departures, NOTHING_TOLD, type Outgoing } from './departures.ts'
import { quote } from './json-string.ts'
import type { Lane } from './lane.ts'
import { laneAt } from './lane-opening.ts'
import { Likeness } from './likeness.ts'
import { beginStep } from './look.ts'
import type { Passage } from './passage.ts'
import { read, textOf, type Reading, type Spot } from './reading.ts'
import { splice } from './splice.ts'
import { frameFor } from './spoken.ts'
import { Blocked, note, type Step } from './step.ts'

/** A lane that some step or the vault has business with. */
interface GuardedLane {
  readonly name: LaneName
  readonly lane: Lane
  ended: boolean
  /** Payload of the latest frame with a piece of it: the model for a frame of our own. */
  like: Buffer
  /** What came and what left of it so far; a frame may say it again. */
  came: string
  left: string
}

/** Guards one stream. */
export class StreamGuard implements Passage {
  readonly #context: Context
  readonly #streaming: Streaming
  readonly #steps: readonly (readonly [Step, StepRecord])[]
  readonly #observed: Chain['observers']
  /** By the path of their text; undefined where nobody has business with the lane. */
  readonly #lanes = new Map<string, GuardedLane | undefined>()
  /** Choices as the upstream has told of them. */
  readonly #known = new Set<number>()
  readonly #finished = new Set<number>()
  readonly #done: Buffer | undefined
  readonly #departures = new Departures()
  readonly #judgesCalls: boolean
  readonly #declared: Declared
  readonly #record: StreamRecord
  /** When the text that waits began to; -1 where none does. */
  #waitsSince = -1
  /** True after the frame that ends the stream. */
  #over = false
  /** True after a frame that says the stream failed. */
  #failed = false
  /** What the latest frame that was read looks like. */
  #likeness: Likeness | undefined
  /** Payload of the first frame, and of the latest with a choice in it. */
  #first: Buffer | undefined
  #latest: Buffer = Buffer.from('{}')
  /** Frames of our own among those of the upstream, and the number of the next frame that is made. */
  #added = 0
  #next = 0

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
    this.#record = { delivery: deliveryOfAll(steps.map(([step]) => step)), heldChars: 0, heldMs: 0, released: 0 }
    context.streamRecord = this.#record
    this.#declared = new Declared(context.dialect, context.tape)
    this.#judgesCalls = steps.some(([step]) => step.mode === 'enforce' && covers(step.reads, 'assistant', 'tool_args'))
  }

  /**
   * The bytes to send for one frame: none, the frame itself, or more than one. Throws Blocked where the stream must end.
   * Synchronous as long as the detectors are: a promise or two would cost a frame as much as reading it.
   */
  frame(frame: Frame, out: Buffer[]): void | Promise<void> {
    if (frame.data === undefined) return void out.push(frame.bytes)
    const payload = frame.data
    if (this.#done?.equals(payload)) {
      this.#over = true
      return this.finish(out).then(() => void out.push(frame.bytes))
    }
    const alike = this.#likeness?.textOf(payload)
    if (alike !== undefined && frame.dataStart !== -1) return this.#pass(frame, alike, out)
    const tape = this.#scan(payload)
    const reading = read(tape, this.#streaming.frame)
    if (this.#tap(tape, reading)) return undefined
    this.#first ??= tape.bytes
    if (reading.choices.length > 0) this.#latest = tape.bytes
    for (const choice of reading.choices) this.#known.add(choice)
    if (this.#judgesCalls) this.#noteCalls(tape, reading)
    const edits: ByteEdit[] = []
    const outgoing: Outgoing[] = []
    const rest = (): void | Promise<void> => {
      this.#measureHeld()
      const parted = this.#streaming.ordered === true ? partedBy(reading) : []
      const ends = reading.finished.length + reading.stopped.length + parted.length > 0
      const finishing = ends ? this.#finish(reading, parted, outgoing) : undefined
      return finishing === undefined ? last() : finishing.then(last)
    }
    const last = (): void => {
      this.#number(tape, reading, edits)
      const bytes = edits.length === 0 ? frame.bytes : reframe(frame, splice(payload, edits))
      outgoing.push({ bytes, told: reading })
      this.#departures.leave(outgoing, out)
    }
    this.#likeness = Likeness.of(reading)
    const guarding = this.#guard(tape, reading, edits, 0, outgoing)
    return guarding === undefined ? rest() : guarding.then(rest)
  }

  /** Frames of our own move the numbers of those that come after them. */
  #number(tape: Tape, { sequence }: Reading, edits: ByteEdit[]): void {
    if (sequence === -1) return
    const number = Number(tape.bytes.toString('latin1', tape.start(sequence), tape.end(sequence))) + this.#added
    if (this.#added > 0) edits.push({ start: tape.start(sequence), end: tape.end(sequence), text: String(number) })
    this.#next = number + 1
  }

  /** Leads the text of a frame through its lane that is like one before. */
  #pass(frame: Frame, text: string, out: Buffer[]): void | Promise<void> {
    const likeness = this.#likeness!
    const leave = (released: string): void => {
      this.#record.released += released.length
      this.#measureHeld()
      const bytes = released === text ? frame.bytes : likeness.rewritten(frame, released)
      this.#departures.leaveAlone(bytes, out)
    }
    const guarded = this.#laneOf(likeness.spot)
    if (guarded === undefined) return leave(text)
    const released = this.#push(guarded, text, false)
    return released instanceof Promise ? released.then(leave) : leave(released)
  }

  /** The number of the next frame that the client gets. */
  get sequence(): number { return this.#departures.sent }

  /** Characters that wait for a verdict. */
  get held(): number {
    let sum = 0
    for (const guarded of this.#lanes.values()) sum += guarded?.lane.held ?? 0
    return sum
  }

  /**
   * What is still held, as frames of our own; nothing of it where the stream has failed or not come to its end: what is
   * undecided may be the begin of what must not leave. False where nothing has told the client how the stream ended.
   */
  async finish(out: Buffer[]): Promise<boolean> {
    if (this.#failed) return true
    if (!this.complete) return false
    const outgoing: Outgoing[] = []
    for (const guarded of this.#lanes.values()) {
      if (guarded !== undefined) await this.#flushLane(guarded, outgoing)
    }
    this.#departures.calling.clear()
    this.#departures.leave(outgoing, out)
    return true
  }

  get complete(): boolean {
    return this.#over || (this.#finished.size > 0 && this.#finished.size >= this.#known.size)
  }

  /** The frames that end the stream, for every choice that the client has not seen end. */
  refusal(why: 'content_filter' | 'length'): Buffer {
    const open = [...this.#known].filter(choice => !this.#departures.ended.has(choice))
    const payloads = [...this.#streaming.refuse(open.length === 0 ? [0] : open, {
      first: (this.#first ?? this.#latest).toString(), latest: this.#latest.toString(),
      begun: this.#departures.begun, open: [...this.#departures.open], sequence: this.sequence,
    }, why)]
    if (this.#streaming.done !== undefined) payloads.push(this.#streaming.done)
    return Buffer.from(payloads.map(payload => frameFor(this.#context, payload)).join(''))
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
      this.#failed = true
      // The client hears of it now, and of what waited for the rest of a tool call never.
      this.#departures.giveUp()
    }
    if (reading.usage === -1) return false
    this.#context.noteUsage(tape, reading.usage)
    return this.#context.askedForUsage && this.#streaming.onlyUsage(tape)
  }

  /** Notes the tool calls that a frame tells of: a call may name its tool behind its arguments. */
  #noteCalls(tape: Tape, reading: Reading): void {
    for (const spot of reading.spots) {
      if (isCall(spot)) this.#departures.calling.add(spot.choice)
      if (namesTool(spot)) this.#declared.called(spot, tape.text(spot.node) ?? '')
    }
  }

  /** Leads the texts of a frame through their lanes, from one of them on, and notes what has to change in it. */
  #guard(tape: Tape, reading: Reading, edits: ByteEdit[], from: number, out: Outgoing[]): Promise<void> | undefined {
    for (let i = from; i < reading.spots.length; i++) {
      const spot = reading.spots[i]!
      const text = textOf(tape, spot)
      const released = this.#judge(tape, reading, spot, text, out)
      if (released instanceof Promise) {
        return released.then(now => {
          this.#take(tape, reading, spot, text, now, edits)
          return this.#guard(tape, reading, edits, i + 1, out)
        })
      }
      this.#take(tape, reading, spot, text, released, edits)
    }
    return undefined
  }

  /** What may stand in the frame at a spot. */
  #judge(tape: Tape, reading: Reading, spot: Spot, text: string, out: Outgoing[]): string | Promise<string> {
    if (spot.again && this.#lanes.has(spot.path)) return this.#again(spot, text, out)
    const guarded = spot.whole ? this.#openLane(spot) : this.#laneOf(spot)
    if (guarded === undefined) return text
    guarded.like = tape.bytes
    // The last text of a choice may ride on the very frame that finishes it: then everything leaves with it.
    guarded.ended = spot.whole || spot.again || reading.finished.includes(spot.choice)
    return this.#push(guarded, text, guarded.ended)
  }

  /** What came in pieces is said once more: its last piece leaves before, and what left is what is said. */
  #again(spot: Spot, text: string, out: Outgoing[]): string | Promise<string> {
    const guarded = this.#lanes.get(spot.path)
    if (guarded === undefined) return text
    const said = (): string | Promise<string> => {
      if (guarded.came === text) return guarded.left
      // It is not what the pieces said: nobody has judged it yet.
      const whole = this.#openLane(spot)
      return whole === undefined ? text : whole.lane.push(text, true)
    }
    return guarded.ended ? said() : this.#flushLane(guarded, out).then(said)
  }

  #push(guarded: GuardedLane, text: string, final: boolean): string | Promise<string> {
    const released = guarded.lane.push(text, final)
    if (this.#streaming.named !== true) return released
    // Dialects whose frames have names say texts again.
    guarded.came += text
    const keep = (now: string): string => {
      guarded.left += now
      return now
    }
    return released instanceof Promise ? released.then(keep) : keep(released)
  }

  #take(tape: Tape, reading: Reading, spot: Spot, text: string, now: string, edits: ByteEdit[]): void {
    this.#record.released += now.length
    if (now === text) return
    edits.push({ start: tape.start(spot.node), end: tape.end(spot.node), text: spot.raw ? now : quote(now) })
    for (const { node, choice } of reading.repeats) {
      const start = tape.start(node)
      if (choice === spot.choice && !edits.some(edit => edit.start === start)) edits.push({ start, end: tape.end(node), text: 'null' })
    }
  }

  /** What is still held of the choices and calls that a frame ends leaves before it, and so do texts that a call parts. */
  async #finish({ finished, stopped }: Reading, parted: readonly number[], out: Outgoing[]): Promise<void> {
    for (const [path, guarded] of this.#lanes) {
      if (guarded === undefined) continue
      const { choice, call } = guarded.name
      if (finished.includes(choice) || stopped.includes(call) || parted.includes(choice)) await this.#flushLane(guarded, out)
      if (parted.includes(choice)) this.#lanes.delete(path)
    }
    for (const choice of finished) {
      this.#departures.calling.delete(choice)
      this.#finished.add(choice)
    }
    // Where calls are told to stop, there is one choice, and one call after the other.
    if (stopped.length > 0) this.#departures.calling.delete(0)
  }

  /** What waits goes into the record, and is bounded: beyond the limit, the exchange ends. */
  #measureHeld(): void {
    const { held } = this
    if (held === 0 && this.#waitsSince === -1) return
    const now = performance.now()
    if (this.#waitsSince !== -1) this.#record.heldMs = Math.max(this.#record.heldMs, now - this.#waitsSince)
    this.#waitsSince = held === 0 ? -1 : this.#waitsSince === -1 ? now : this.#waitsSince
    this.#record.heldChars = Math.max(this.#record.heldChars, held)
    if (held <= this.#context.gateway.config.limits.held) return
    const [step, record] = this.#steps.find(([{ mode }]) => mode === 'enforce') ?? this.#steps[0]!
    note(record, 'error', 'more text than may be held')
    throw new Blocked(step)
  }

  async #flushLane(guarded: GuardedLane, out: Outgoing[]): Promise<void> {
    if (guarded.ended) return
    guarded.ended = true
    const rest = await this.#push(guarded, '', true)
    if (rest === '') return
    this.#record.released += rest.length
    const payload = this.#streaming.say(guarded.name, rest, guarded.like.toString(), this.#next)
    this.#added++
    this.#next++
    out.push({ bytes: Buffer.from(frameFor(this.#context, payload)), told: NOTHING_TOLD })
  }

  #laneOf(spot: Spot): GuardedLane | undefined {
    if (this.#lanes.has(spot.path)) return this.#lanes.get(spot.path)
    const guarded = this.#openLane(spot)
    this.#lanes.set(spot.path, guarded)
    return guarded
  }

  #openLane(spot: Spot): GuardedLane | undefined {
    const lane = laneAt(this.#context, this.#steps, this.#observed, this.#declared, spot, this.#lanes.size)
    if (lane === undefined) return undefined
    const name = { choice: spot.choice, channel: spot.channel, call: spot.call }
    return { name, lane, ended: false, like: this.#latest, came: '', left: '' }
  }
}

/** Choices of which a frame holds calls and nothing else: where it says something as well, nobody knows whether that goes on. */
function partedBy({ spots }: Reading): number[] {
  const said = new Set(spots.filter(spot => !spot.whole).map(({ choice }) => choice))
  return [...new Set(spots.filter(spot => spot.whole && isCall(spot)).map(({ choice }) => choice))].filter(choice => !said.has(choice))
}

/** True for a piece of a tool call. */
const isCall = (spot: Spot): boolean => spot.channel === 'tool_args' || namesTool(spot)

/** A frame with another payload; its event and id lines stay. */
function reframe(frame: Frame, payload: Buffer): Buffer {
  if (frame.dataStart === -1) return Buffer.from(encodeFrame(payload.toString(), frame.event))
  const end = frame.dataStart + frame.data!.length
  return Buffer.concat([frame.bytes.subarray(0, frame.dataStart), payload, frame.bytes.subarray(end)])
}
