// The processor under test with everything that the checks need: the gateway around it, an instance of its own, the texts
// to show. Every exchange goes through here, so that a call that fails is noticed whichever check made it. Made by kit.ts.
import type { Detector, Instances, Kind, ProcessorDefinition, Segment, StepRecord } from '../../sdk/index.ts'
import { checkFindings } from '../findings.ts'
import type { Exchange, Rig } from './rig.ts'
import { shown, Tally } from './tally.ts'
import { hear, type Answer, type Heard, type Wire } from './wire.ts'

/** An exchange as the checks look at it. */
export interface Tried extends Exchange, Heard {
  /** The records of the processor under test. */
  readonly steps: readonly StepRecord[]
  /** True where a call failed, which is noted, or the body was refused: there is nothing else to learn from it. */
  readonly failed: boolean
  readonly blocked: boolean
}

/** What is sent and said where another side is under test. */
export const SMALL_TALK: readonly string[] = ['Hello.']

/** True for a body that the gateway takes for no JSON: half a surrogate pair never reaches a processor in a whole body. */
function isRefused(error: string, texts: readonly string[]): boolean {
  return ['invalid_json', 'upstream_invalid'].includes(error) && !texts.every(text => text.isWellFormed())
}

/** The processor under test. */
export class Subject {
  readonly definition: ProcessorDefinition
  readonly samples: readonly string[]
  readonly results = new Tally('results')
  readonly #rig: Rig
  readonly #instance: Instances[Kind]

  constructor(definition: ProcessorDefinition, samples: readonly string[], rig: Rig, instance: Instances[Kind]) {
    this.definition = definition
    this.samples = samples
    this.#rig = rig
    this.#instance = instance
  }

  get detector(): Detector | undefined {
    return this.definition.kind === 'detector' ? this.#instance as Detector : undefined
  }

  /** Sends a request and has it answered. `texts` are those that the exchange is about. */
  async try(wire: Wire, asked: readonly string[], answer: Answer, texts: readonly string[]): Promise<Tried> {
    const exchange = await this.#rig.send((answer.streamed ? wire.streamPath : undefined) ?? wire.path, wire.ask(asked, answer.streamed), answer)
    const { record, got } = exchange
    const blocked = record.ending === 'blocked'
    const fault = record.steps.find(step => step.outcome === 'error')
    const failed = fault !== undefined || (record.error !== '' && !blocked)
    this.results.cases++
    if (failed && !isRefused(record.error, texts)) await this.#noteFailure(wire, fault, record.error, texts)
    const heard = failed ? { lines: new Map<string, string>(), filtered: false } : hear(wire, got, answer.streamed)
    return { ...exchange, ...heard, steps: record.steps, failed, blocked: blocked || heard.filtered }
  }

  async #noteFailure(wire: Wire, fault: StepRecord | undefined, error: string, texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const reason = await this.#failure(text)
      if (reason !== '') return this.results.fail(text.length, `${shown(text)}: ${reason}`)
    }
    const what = fault === undefined ? `the gateway answered ${error}` : `${fault.reason.replace(/, .*/, '')} (${fault.direction})`
    this.results.fail(Math.max(...texts.map(text => text.length)),
      `${wire.dialect}, ${texts.map(shown).join(' or ')}: ${what}`)
  }

  /** What goes wrong where a detector is shown the text on its own; empty where nothing does. */
  async #failure(text: string): Promise<string> {
    const { detector } = this
    if (detector === undefined) return ''
    const segment = this.segment(text)
    try {
      checkFindings(await detector.inspect([segment], this.scope), [segment])
      return ''
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is no Error'
    }
  }

  /** A text as a segment that the processor reads. */
  segment(text: string): Segment {
    const { origins, channels } = this.definition.reads ?? {}
    return {
      id: 3, origin: origins?.[0] ?? 'assistant', trust: 'trusted', channel: channels?.[0] ?? 'text', choice: 0,
      path: '/choices/0/message/content', text,
    }
  }

  readonly scope = {
    direction: 'response', dialect: 'openai-chat', route: 'conformance', model: 'm', consumer: '', tags: {}, remaining: 60_000,
  } as const
}
