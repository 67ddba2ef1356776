// One text through several steps: each step edits what the step before left, and what remains in the end is the least
// that differs from the original. Called by conversation.ts, once for each segment that a step changes.
import { GatehouseError, type ByteEdit, type Tape } from '../sdk/index.ts'
import { byteOffsets, quote } from './json-string.ts'

/** Code units `[start, end)` of a text (UTF-16) give way to `text`. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A text and its edits. Whatever is asked for, no surrogate pair is cut: a well-formed original stays well-formed. */
export class Patched {
  readonly original: string
  #current: string
  #patches: readonly TextEdit[] = []

  constructor(original: string) {
    this.original = original
    this.#current = original
  }

  /** The text as it stands: the original with `patches` done. */
  get current(): string { return this.#current }

  /** The edits that make the original the current text: in the original's coordinates, sorted, apart from each other. */
  get patches(): readonly TextEdit[] { return this.#patches }

  /**
   * Does edits of the current text, sorted and without overlap. An edit that touches the replacement of an earlier one is
   * merged with it, and one that brings back the original leaves no patch. An edit that begins or ends inside a surrogate
   * pair takes the whole pair, a mere insertion goes before it, and a lone surrogate in a replacement becomes U+FFFD.
   * Throws `internal` for edits that overlap, come unsorted or leave the text.
   */
  apply(edits: readonly TextEdit[]): void {
    const whole = wholeCharacters(this.#current, edits)
    this.#patches = compose(this.original, this.#current, this.#patches, whole)
    this.#current = patch(this.original, this.#patches)
  }
}

/** A text with sorted edits done. */
export function patch(text: string, edits: readonly TextEdit[]): string {
  let patched = ''
  let done = 0
  for (const edit of edits) {
    patched += text.slice(done, edit.start) + edit.text
    done = edit.end
  }
  return patched + text.slice(done)
}

/**
 * The edits of a string's bytes that do the patches of its text: nothing but the patched characters changes, and what is
 * escaped elsewhere in the string stays as it is. Of an object, whose JSON is the text, its bytes.
 */
export function toByteEdits(tape: Tape, node: number, patches: readonly TextEdit[]): ByteEdit[] {
  if (tape.kind(node) !== 'string') return inJson(tape, node, patches)
  const offsets = byteOffsets(tape, node, patches.flatMap(({ start, end }) => [start, end]))
  return patches.map(({ text }, index) => (
    { start: offsets[2 * index]!, end: offsets[2 * index + 1]!, text: quote(text).slice(1, -1) }
  ))
}

function inJson(tape: Tape, node: number, patches: readonly TextEdit[]): ByteEdit[] {
  const json = tape.bytes.toString('utf8', tape.start(node), tape.end(node))
  let units = 0
  let at = tape.start(node)
  const byteAt = (offset: number): number => {
    at += Buffer.byteLength(json.slice(units, offset))
    units = offset
    return at
  }
  return patches.map(({ start, end, text }) => ({ start: byteAt(start), end: byteAt(end), text }))
}

function wholeCharacters(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let asked = 0
  let done = 0
  return edits.map(edit => {
    if (!(edit.start >= asked && edit.end >= edit.start && edit.end <= text.length)) {
      throw new GatehouseError('internal', 'Edits of a text must be sorted, must not overlap and must stay within it.')
    }
    asked = edit.end
    const start = Math.max(done, splitsPair(text, edit.start) ? edit.start - 1 : edit.start)
    const end = edit.end === edit.start ? start : splitsPair(text, edit.end) ? edit.end + 1 : edit.end
    done = Math.max(start, end)
    return { start, end: done, text: edit.text.toWellFormed() }
  })
}

/** True where an offset stands inside a surrogate pair. */
export function splitsPair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00
}

/**
 * Patches of the original, and edits of the current text that they made, as one list of patches. Walks both lists in the
 * order of the current text; what touches becomes one patch. `shift` is how far the current text is ahead.
 */
function compose(original: string, current: string, patches: readonly TextEdit[], edits: readonly TextEdit[]): TextEdit[] {
  const composed: TextEdit[] = []
  let patchAt = 0
  let editAt = 0
  let shift = 0
  while (patchAt < patches.length || editAt < edits.length) {
    const begin = Math.min((patches[patchAt]?.start ?? Infinity) + shift, edits[editAt]?.start ?? Infinity)
    const start = begin - shift
    const inside: TextEdit[] = []
    let finish = begin
    for (;;) {
      const earlier = patches[patchAt]
      const edit = edits[editAt]
      if (earlier !== undefined && earlier.start + shift <= finish) {
        finish = Math.max(finish, earlier.start + shift + earlier.text.length)
        shift += earlier.text.length - (earlier.end - earlier.start)
        patchAt++
      } else if (edit !== undefined && edit.start <= finish) {
        finish = Math.max(finish, edit.end)
        inside.push({ start: edit.start - begin, end: edit.end - begin, text: edit.text })
        editAt++
      } else {
        break
      }
    }
    const end = finish - shift
    const text = patch(current.slice(begin, finish), inside)
    if (text !== original.slice(start, end)) composed.push({ start, end, text })
  }
  return composed
}
