// Calls of tools that wait for their results, which may come without an id. Used by request-reader.ts.

interface Called {
  readonly id: string
  readonly name: string
}

/** The calls of one turn. Each is answered once; linear in their number, whatever the results say. */
export class Waiting {
  readonly #names: Map<string, string>
  readonly #byName = new Map<string, string[]>()

  constructor(calls: readonly Called[]) {
    this.#names = new Map(calls.map(({ id, name }) => [id, name]))
    for (const { id, name } of calls.toReversed()) {
      const ids = this.#byName.get(name)
      if (ids === undefined) this.#byName.set(name, [id])
      else ids.push(id)
    }
  }

  /** The call that a result answers: by its id, else the first of its tool, else the first of all. */
  take(id: string, name: string): Called {
    const found = this.#names.has(id) ? id : this.#first(name) ?? this.#names.keys().next().value
    if (found === undefined) return { id, name }
    const called = { id: found, name: name || (this.#names.get(found) ?? '') }
    this.#names.delete(found)
    return called
  }

  #first(name: string): string | undefined {
    const ids = this.#byName.get(name) ?? []
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) if (this.#names.has(id)) return id
    return undefined
  }
}
