// The conversation of a request in Gemini's words. Called by request-writer.ts.
import {
  GatehouseError, type Block, type CanonicalRequest, type ModelFacts, type ToolResultBlock, type Turn, type Warning,
} from '../../../sdk/index.ts'
import { seesInResults, thinksByLevel } from './facts.ts'
import { DIALECT, partOf } from './part.ts'
import type { Fields } from './proto.ts'

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: Fields[]
}

/** What Google documents for calls that another model made, where a signature is insisted on. */
const UNSIGNED = { thoughtSignature: 'skip_thought_signature_validator' }

/** The system's words that stand first, and the messages. Throws `untranslatable` for what would be lost with its meaning. */
export function writeTurns({ model, turns }: CanonicalRequest, facts: ModelFacts, warnings: Warning[]): {
  readonly system: readonly Fields[]
  readonly contents: readonly Content[]
} {
  const writer = new TurnWriter(model, thinksByLevel(model, facts), warnings)
  const first = turns.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  // Gemini answers to nobody but a user: a system that speaks alone speaks as one.
  const leading = first === -1 ? Math.max(turns.length - 1, 0) : first
  const system = turns.slice(0, leading).flatMap((turn, at) => writer.partsOf(turn.blocks, at))
  for (const [at, turn] of turns.entries()) if (at >= leading) writer.add(turn, at)
  return { system, contents: writer.end() }
}

class TurnWriter {
  readonly #model: string
  readonly #insistsOnSignatures: boolean
  readonly #warnings: Warning[]
  readonly #contents: Content[] = []
  readonly #names = new Map<string, string>()
  /** The results that answer the calls of the last message: all of them in one message, and nothing else in it. */
  #results: Fields[] | undefined
  /** Pictures of results that have to come in a message of their own, behind all results. */
  #late: Fields[] = []

  constructor(model: string, insistsOnSignatures: boolean, warnings: Warning[]) {
    this.#model = model
    this.#insistsOnSignatures = insistsOnSignatures
    this.#warnings = warnings
  }

  add({ role, blocks, name }: Turn, at: number): void {
    if (name !== undefined) this.#warn(`turns[${at}].name`, 'dropped', 'Gemini does not tell users apart')
    if (role === 'system' || role === 'developer') {
      this.#warn(`turns[${at}].role`, 'approximated', 'Gemini hears the system at the start only, so it speaks as the user')
    }
    for (const [index, block] of blocks.entries()) {
      if (block.kind === 'tool_result') this.#answer(block, `turns[${at}].blocks[${index}]`)
    }
    const parts = this.partsOf(blocks, at)
    if (parts.length > 0) this.#push(role === 'assistant' ? 'model' : 'user', parts)
  }

  end(): readonly Content[] {
    this.#flush()
    return this.#contents
  }

  /** The parts for everything but results. */
  partsOf(blocks: readonly Block[], at: number): Fields[] {
    return blocks.flatMap((block, index) => (
      block.kind === 'tool_result' ? [] : this.#part(block, `turns[${at}].blocks[${index}]`)))
  }

  /** One part, or none. */
  #part(block: Block, field: string): Fields[] {
    if ('cache' in block) this.#warn(`${field}.cache`, 'dropped', 'Gemini caches without marks')
    if ('citations' in block) this.#warn(`${field}.citations`, 'dropped', 'models are not told their own sources again')
    // An empty text is refused, unless it is there for its signature.
    if (block.kind === 'text' && block.text === '' && block.signature?.dialect !== DIALECT) return []
    if (block.kind === 'reasoning') {
      const maker = (block.signature ?? block.redacted)?.dialect
      if (maker !== undefined && maker !== DIALECT) {
        this.#warn(field, 'dropped', 'only the model that thought so can read it')
        return []
      }
    }
    if (block.kind === 'tool_call') this.#names.set(block.id, block.name)
    if ('detail' in block && block.detail !== 'auto') {
      this.#warn(`${field}.detail`, 'dropped', 'Gemini is not told how closely to look')
    }
    const part = partOf(block)
    if (part !== undefined) return [part]
    if (block.kind === 'tool_call') {
      this.#warn(`${field}.args`, 'approximated', 'they are no JSON object, so they stand in one as text')
      return this.#part({ ...block, args: JSON.stringify({ arguments: block.args }) }, field)
    }
    if ('media' in block) throw untranslatable(field, 'is an upload to another provider, which Gemini cannot read')
    this.#warn(field, 'dropped', 'another format alone has it')
    return []
  }

  #answer({ id, name, blocks, failed }: ToolResultBlock, field: string): void {
    const called = name === '' ? this.#names.get(id) : name
    if (called === undefined || called === '') throw untranslatable(field, 'answers a call that the conversation does not hold')
    const texts = blocks.flatMap(block => block.kind === 'text' ? [block.text] : [])
    const media = blocks.flatMap((block, at) => block.kind === 'text' ? [] : this.#part(block, `${field}.blocks[${at}]`))
    const inside = seesInResults(this.#model)
    if (!inside && media.length > 0) {
      this.#warn(field, 'emulated', 'its media follow in a message of their own')
      this.#late.push(...media)
    }
    const response = { [failed ? 'error' : 'output']: texts.join('\n') }
    const part = { functionResponse: { id, name: called, response, ...(inside && media.length > 0 && { parts: media }) } }
    if (this.#results === undefined) {
      this.#results = []
      this.#contents.push({ role: 'user', parts: this.#results })
    }
    this.#results.push(part)
  }

  #push(role: Content['role'], parts: Fields[]): void {
    this.#flush()
    const last = this.#contents.at(-1)
    // Calls that were made at the same time may stand in several turns, but their results answer one message.
    if (role === 'model' && last?.role === 'model') last.parts.push(...parts)
    else this.#contents.push({ role, parts })
    if (role === 'model') this.#sign(this.#contents.at(-1)!.parts)
  }

  /** Of calls made at the same time only the first bears a signature. */
  #sign(parts: Fields[]): void {
    const first = parts.findIndex(part => part.functionCall !== undefined)
    if (!this.#insistsOnSignatures || first === -1 || parts[first]!.thoughtSignature !== undefined) return
    parts[first] = { ...parts[first], ...UNSIGNED }
  }

  #flush(): void {
    this.#results = undefined
    if (this.#late.length > 0) this.#contents.push({ role: 'user', parts: this.#late })
    this.#late = []
  }

  #warn(field: string, action: Warning['action'], why: string): void {
    this.#warnings.push({ field, action, why })
  }
}

function untranslatable(field: string, problem: string): GatehouseError {
  return new GatehouseError('untranslatable', `${field} ${problem}.`, { param: field })
}
