// Turns placeholders back into the values they stand for, on the way up. Reads a text once, left to right; the same
// function serves a whole answer and the pieces of a stream. Called by chain.ts, lane.ts and json-lane.ts.
import type { Channel } from '../sdk/index.ts'
import { maskOf, type ReadsMask } from './conversation.ts'
import { quote } from './json-string.ts'
import { patch, type TextEdit } from './patch.ts'
import type { Vault } from './vault.ts'

/** Where values come back, by the channels that a route names. */
export const restoredIn = (channels: readonly Channel[]): ReadsMask => maskOf({ origins: ['assistant'], channels })

/** The edits that restore every placeholder in a text; in one that is JSON, the values come back as JSON has them. */
export function restorations(text: string, vault: Vault, isJson: boolean): TextEdit[] {
  const { edits } = scan(text, vault, true, isJson)
  vault.restored += edits.length
  return edits
}

/** Restores on a stream, holding back just the tail that may still become a placeholder. */
export class Restorer {
  readonly #vault: Vault
  readonly #isJson: boolean
  #held = ''

  constructor(vault: Vault, isJson: boolean) {
    this.#vault = vault
    this.#isJson = isJson
  }

  /** What may leave now. `final` says that nothing follows. */
  push(piece: string, final: boolean): string {
    const text = this.#held + piece
    const { edits, safe } = scan(text, this.#vault, final, this.#isJson)
    this.#held = text.slice(safe)
    this.#vault.restored += edits.length
    return patch(text.slice(0, safe), edits)
  }

  get held(): number { return this.#held.length }
}

/** Edits of everything before `safe`; from there on the text may still become a placeholder. */
function scan(text: string, vault: Vault, final: boolean, isJson: boolean): { edits: TextEdit[]; safe: number } {
  const edits: TextEdit[] = []
  if (vault.empty) return { edits, safe: text.length }
  for (let at = 0; at < text.length;) {
    const token = vault.mayBegin(text.charCodeAt(at)) ? vault.at(text, at) : undefined
    if (token === 'open' && !final) return { edits, safe: at }
    if (token === undefined || token === 'open') {
      at++
    } else {
      edits.push({ start: at, end: token.end, text: isJson ? quote(token.value).slice(1, -1) : token.value })
      at = token.end
    }
  }
  return { edits, safe: text.length }
}
