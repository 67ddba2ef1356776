// The tool calls of one choice as a stream brings them, in whichever of the vendors' ways: by index, without one, all under
// index 0, with the id again and again, with arguments as an object. Used by stream-reader.ts.
import type { CanonicalEvent } from '../../../sdk/index.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { Balance } from './balance.ts'
import { textOf } from './content.ts'
import { newCallId } from './identifier.ts'
import { argsOf, googleSignature } from './message.ts'

type Raw = Readonly<Record<string, unknown>>

interface Call {
  readonly index: number | undefined
  readonly id: string
  readonly args: Balance
  name: string
  /** Of the canonical stream; undefined until the name is known. */
  block: number | undefined
  /** What has not been told yet. */
  pending: string
  signature: string
  signed: boolean
  stopped: boolean
}

/** Reads the fragments of calls. Indexes of the format are no indexes of blocks: those are asked for one by one. */
export class Calls {
  readonly #seed: string
  readonly #choice: number
  readonly #nextBlock: () => number
  readonly #calls: Call[] = []

  constructor(seed: string, choice: number, nextBlock: () => number) {
    this.#seed = seed
    this.#choice = choice
    this.#nextBlock = nextBlock
  }

  /** True once a call was made. */
  get any(): boolean {
    return this.#calls.length > 0
  }

  /** The events of one fragment. */
  add(fragment: Raw): CanonicalEvent[] {
    const { name, arguments: args } = members(fragment.function)
    const known = this.#known(fragment)
    const call = known ?? this.#begin(fragment)
    call.name ||= textOf(name)
    call.pending += argsOf(args)
    call.signature ||= googleSignature(fragment)
    call.args.add(argsOf(args))
    const done = known === undefined ? this.#calls.filter(other => other !== call && other.args.whole) : []
    return [...done.flatMap(other => this.#stop(other)), ...(call.name === '' ? [] : this.#tell(call))]
  }

  /** The events that end every call. */
  end(): CanonicalEvent[] {
    return this.#calls.flatMap(call => [...this.#tell(call), ...this.#stop(call)])
  }

  /**
   * The call that a fragment belongs to. Where a vendor numbers every call 0, a new id with a name begins another one
   * once the last is whole; where it numbers none, a new id is enough.
   */
  #known(fragment: Raw): Call | undefined {
    const index = count(fragment.index)
    const id = textOf(fragment.id)
    const last = this.#calls.findLast(call => call.index === index)
    if (last === undefined || id === '' || id === last.id) return last
    if (index === undefined) return undefined
    return textOf(members(fragment.function).name) !== '' && last.args.whole ? undefined : last
  }

  #begin(fragment: Raw): Call {
    const call: Call = {
      index: count(fragment.index),
      id: textOf(fragment.id) || newCallId(this.#seed, this.#choice, this.#calls.length),
      args: new Balance(), name: '', block: undefined, pending: '', signature: '', signed: false, stopped: false,
    }
    this.#calls.push(call)
    return call
  }

  #tell(call: Call): CanonicalEvent[] {
    if (call.stopped) return []
    const events: CanonicalEvent[] = []
    const choice = this.#choice
    if (call.block === undefined) {
      call.block = this.#nextBlock()
      events.push({ event: 'block', choice, block: call.block, kind: 'tool_call', id: call.id, name: call.name })
    }
    const { block, pending, signature } = call
    if (pending !== '') events.push({ event: 'delta', choice, block, text: pending })
    if (signature !== '' && !call.signed) {
      events.push({ event: 'signature', choice, block, signature: { dialect: 'gemini', value: signature } })
    }
    call.pending = ''
    call.signed = signature !== ''
    return events
  }

  #stop(call: Call): CanonicalEvent[] {
    if (call.stopped || call.block === undefined) return []
    call.stopped = true
    return [{ event: 'stop', choice: this.#choice, block: call.block }]
  }
}
