// Embedders and indexes that the processors of one config asked for, and that end with it. Made by executors.ts, and by
// `gatehouse index`, which fills one.
import { mkdirSync } from 'node:fs'
import { Type, type Embedder, type Equipment, type Member, type TSchema, type VectorIndex } from '../sdk/index.ts'
import { validator } from '../config/validator.ts'
import { loadEmbedder, loadIndex } from './registry.ts'

/** Lends, and takes back. */
export class Shed implements Equipment {
  readonly #state: string
  readonly #embedders = new Map<string, Promise<Embedder>>()
  readonly #indexes: VectorIndex[] = []

  /** `state` is the folder where indexes may keep files. */
  constructor(state: string) {
    this.#state = state
  }

  embedder(member: Member): Promise<Embedder> {
    const key = JSON.stringify(member)
    const known = this.#embedders.get(key)
    if (known !== undefined) return known
    const opening = this.#openEmbedder(member)
    this.#embedders.set(key, opening)
    return opening
  }

  async index({ use, options = {} }: Member, { dimensions, model }: Embedder): Promise<VectorIndex> {
    const definition = await loadIndex(use)
    check(definition.options, options)
    mkdirSync(this.#state, { recursive: true, mode: 0o700 })
    const index = await definition.open({ directory: this.#state, options, dimensions, model })
    this.#indexes.push(index)
    return index
  }

  async #openEmbedder({ use, options = {} }: Member): Promise<Embedder> {
    const definition = await loadEmbedder(use)
    check(definition.options, options)
    return definition.open(options)
  }

  /** Ends all of it. Resolves with what failed, such as an index that could not be written; never rejects. */
  async close(): Promise<readonly Error[]> {
    const embedders = await Promise.allSettled(this.#embedders.values())
    const opened = embedders.flatMap(one => one.status === 'fulfilled' ? [one.value] : [])
    const ends = await Promise.allSettled([...opened, ...this.#indexes].map(one => one.close()))
    return ends.flatMap(end => end.status === 'rejected' ? [end.reason as Error] : [])
  }
}

const NO_OPTIONS = Type.Object({}, { additionalProperties: false })

/** Throws a sentence where options are wrong. */
function check(schema: TSchema = NO_OPTIONS, options: object): void {
  const [fault] = validator(schema)(options)
  if (fault !== undefined) throw new Error(`expected ${fault.expected} at options${fault.pointer}, got ${fault.got}`)
}
