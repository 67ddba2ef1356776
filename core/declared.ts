// What a request declares of the JSON in its answer: the schemas of its tools, and of the text where it asked for a format.
// Made by chain.ts for a whole answer and by stream-guard.ts for a stream; asked where a step edits such JSON.
import type { Dialect, Schemas, Tape } from '../sdk/index.ts'
import type { Spot } from './reading.ts'
import { ToolSchema, type Path } from './tool-schema.ts'

/** Where the JSON stands in the answer. */
type Place = Pick<Spot, 'choice' | 'channel' | 'call'>

/** Says whether an edit leaves the JSON of an answer what its request declared. Reads nothing before the first edit. */
export class Declared {
  readonly #dialect: Dialect
  readonly #request: Tape | undefined
  /** Tools by the calls that name them. */
  readonly #tools = new Map<string, string>()
  #nodes: Schemas | undefined
  /** Read schemas by their node; each is read once, however often it is asked for. */
  readonly #schemas = new Map<number, unknown>()
  readonly #check = new ToolSchema()

  constructor(dialect: Dialect, request: Tape | undefined) {
    this.#dialect = dialect
    this.#request = request
  }

  /** Notes the tool that a call names. */
  called({ choice, call }: Place, tool: string): void {
    if (tool !== '') this.#tools.set(`${choice} ${call}`, tool)
  }

  /** False where the JSON at a place, with that text at the end of that path, is not what the request declared. */
  fits(place: Place, path: Path, text: string): boolean {
    const node = this.#nodeOf(place)
    return node === -1 || this.#check.fits(this.#schemaAt(node), path, text)
  }

  #nodeOf({ choice, channel, call }: Place): number {
    if (this.#request === undefined || this.#dialect.schemas === undefined) return -1
    this.#nodes ??= this.#dialect.schemas(this.#request)
    if (channel === 'text') return this.#nodes.text
    return this.#nodes.tools.get(this.#tools.get(`${choice} ${call}`) ?? '') ?? -1
  }

  #schemaAt(node: number): unknown {
    if (!this.#schemas.has(node)) {
      const request = this.#request!
      this.#schemas.set(node, JSON.parse(request.bytes.toString('utf8', request.start(node), request.end(node))))
    }
    return this.#schemas.get(node)
  }
}
