// Whether a JSON object that comes in pieces is whole, without parsing it again at each piece. Used by calls.ts.

/** Follows the brackets of one JSON value. Linear in what it is given. */
export class Balance {
  #depth = 0
  #quoted = false
  #escaped = false
  #whole = false

  /** True once every bracket is closed. */
  get whole(): boolean {
    return this.#whole
  }

  add(piece: string): void {
    for (const char of piece) {
      if (this.#escaped) this.#escaped = false
      else if (this.#quoted) {
        if (char === '\\') this.#escaped = true
        else if (char === '"') this.#quoted = false
      } else if (char === '"') this.#quoted = true
      else if (char === '{' || char === '[') this.#depth++
      else if (char === '}' || char === ']') this.#whole = --this.#depth === 0
    }
  }
}
