// One text of a body on its way through a chain: what a detector sees of it, and what has become of it. Used by
// conversation.ts for whole bodies and by json-lane.ts for what a stream holds back to its end.
import type { Segment } from '../sdk/index.ts'
import { JsonLens, type Fits, type Refusal } from './json-lens.ts'
import type { Scanner } from './json-tape.ts'
import { Patched, type TextEdit } from './patch.ts'

/** A segment and its edits. Where the text is JSON, detectors see it through a lens, and edit it so. */
export class Piece {
  readonly #patched: Patched
  readonly #scanner: Scanner | undefined
  readonly #fits: Fits | undefined
  readonly #raw: boolean
  #lens: JsonLens | undefined
  #segment: Segment

  /**
   * With a scanner, the text is meant to be JSON, and its edits have to fit; what then is none is read as it stands. `raw`
   * says that it stands in the body as JSON and not in a string, so that nothing but JSON may come of it.
   */
  constructor(place: Omit<Segment, 'text'>, text: string, scanner?: Scanner, fits?: Fits, raw = false) {
    this.#patched = new Patched(text)
    this.#scanner = scanner
    this.#fits = fits
    this.#raw = raw
    this.#lens = scanner && JsonLens.read(text, scanner)
    this.#segment = { ...place, text: this.#lens?.text ?? text }
  }

  get segment(): Segment { return this.#segment }

  /** The text as it stands, as the wire has it. */
  get text(): string { return this.#patched.current }

  get isJson(): boolean { return this.#scanner !== undefined }

  /** True where the text is no longer the one that came. */
  get changed(): boolean { return this.#patched.patches.length > 0 }

  /** The edits that make what came the text as it stands. */
  get patches(): readonly TextEdit[] { return this.#patched.patches }

  /** Edits what the detectors see; sorted, without overlap. Does nothing and says why where no such edit is possible. */
  edit(edits: readonly TextEdit[]): Refusal | undefined {
    if (this.#lens === undefined && this.#raw && edits.length > 0) return 'found where nothing can be edited'
    const wanted = this.#lens === undefined ? edits : this.#lens.edits(edits, this.#fits)
    if (typeof wanted === 'string') return wanted
    this.rewrite(wanted)
    return undefined
  }

  /** Edits the text as the wire has it; sorted, without overlap. */
  rewrite(edits: readonly TextEdit[]): void {
    if (edits.length === 0) return
    this.#patched.apply(edits)
    this.#lens = this.#scanner && JsonLens.read(this.text, this.#scanner)
    this.#segment = { ...this.#segment, text: this.#lens?.text ?? this.text }
  }
}
