// The arguments of a call that Vertex streams piece by piece, put together. Called by candidate.ts.
import { fieldsOf, textOf, type Fields } from './proto.ts'

type Holder = Record<string, unknown> | unknown[]

/** Far deeper than any arguments are. */
const MOST_DEEP = 64

/** Arguments under way. Pieces name their place by a path of RFC 9535, and a string may come in several of them. */
export class PartialArgs {
  #root: Holder | undefined
  /** The path whose string goes on. */
  #going: string | undefined

  /** Adds a piece. Throws an Error where its path is none, or would leave holes in a list. */
  add(piece: Fields): void {
    const path = textOf(piece.jsonPath)
    const value = valueOf(piece)
    if (value === undefined) return
    const steps = stepsOf(path)
    const last = steps.pop()
    if (last === undefined) throw new Error('A piece of arguments is all of them')
    this.#root ??= empty(steps[0] ?? last)
    let holder = this.#root
    for (const [index, step] of steps.entries()) {
      const next = read(holder, step) ?? empty(steps[index + 1] ?? last)
      if (typeof next !== 'object' || next === null) throw new Error('A piece of arguments lies inside a text')
      write(holder, step, next)
      holder = next as Holder
    }
    const before = this.#going === path ? read(holder, last) : undefined
    write(holder, last, typeof before === 'string' && typeof value === 'string' ? before + value : value)
    this.#going = piece.willContinue === true ? path : undefined
  }

  /** The arguments as JSON; `''` where none came. */
  json(): string {
    return this.#root === undefined ? '' : JSON.stringify(this.#root)
  }
}

function valueOf(piece: Fields): unknown {
  const { stringValue, numberValue, boolValue, nullValue } = fieldsOf(piece)
  return stringValue ?? numberValue ?? boolValue ?? (nullValue === undefined ? undefined : null)
}

function stepsOf(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  const step = /\.([^.[\]]+)|\[(\d{1,9})\]|\['([^']*)'\]|\["([^"]*)"\]/y
  for (step.lastIndex = '$'.length; step.lastIndex < path.length;) {
    const [, name, index, single, double] = step.exec(path) ?? []
    const found = index === undefined ? name ?? single ?? double : Number(index)
    if (found === undefined || steps.length === MOST_DEEP) throw new Error('A piece of arguments has no place that can be found')
    steps.push(found)
  }
  return steps
}

/** What holds a step: a list for a number. Without a prototype `__proto__` is a key like any other. */
const empty = (step: string | number): Holder => typeof step === 'number' ? [] : Object.create(null) as Record<string, unknown>

function read(holder: Holder, step: string | number): unknown {
  return Array.isArray(holder) ? typeof step === 'number' ? holder[step] : undefined : holder[step]
}

function write(holder: Holder, step: string | number, value: unknown): void {
  if (!Array.isArray(holder)) holder[step] = value
  else if (typeof step === 'number' && step <= holder.length) holder[step] = value
  else throw new Error('A piece of arguments leaves a hole in a list')
}
