// References to the environment and to files, inside any text of a config, put in place before it is checked. What
// comes in through a reference is not looked at again, and never printed. Called by config/loader.ts.
import { resolve } from 'node:path'
import { below } from './pointer.ts'
import type { Fault } from './problem.ts'
import { readText, UnreadableFile } from './text-file.ts'

/** Where references lead. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths start here: the folder of the config. */
  readonly folder: string
}

/** A config with every reference in place. */
export interface Resolved {
  readonly value: unknown
  /** Pointers of the texts that held a reference. */
  readonly hidden: ReadonlySet<string>
  readonly faults: readonly Fault[]
}

/** Keys, certificates, word lists and rules fit; a wrong path to something large does not fill the memory. */
const LARGEST_FILE = 256 * 1024
const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^]*))?$/
const FILE = /^file:([^]+)$/

/**
 * Puts in place what every `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` stands for. As in a shell, the
 * default also serves for a variable that is set but empty; without a default, empty is a value like any other. A file
 * loses one final line break. `$${` stands for a plain `${`. Where a reference leads nowhere, there is a fault, and an
 * empty text in its place.
 */
export async function resolveReferences(config: unknown, surroundings: Surroundings): Promise<Resolved> {
  const resolver = new Resolver(surroundings)
  const value = await resolver.resolve(config, '')
  return { value, hidden: resolver.hidden, faults: resolver.faults }
}

class Resolver {
  readonly hidden = new Set<string>()
  readonly faults: Fault[] = []
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  async resolve(value: unknown, pointer: string): Promise<unknown> {
    if (typeof value === 'string') return value.includes('${') ? this.#text(value, pointer) : value
    if (typeof value !== 'object' || value === null) return value
    const members: [string, unknown][] = []
    for (const [key, member] of Object.entries(value)) members.push([key, await this.resolve(member, below(pointer, key))])
    return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)
  }

  async #text(text: string, pointer: string): Promise<string> {
    this.hidden.add(pointer)
    let result = ''
    let at = 0
    for (let open = text.indexOf('${'); open !== -1; open = text.indexOf('${', at)) {
      result += text.slice(at, open)
      if (text[open - 1] === '$') {
        result += '{'
        at = open + 2
        continue
      }
      const close = text.indexOf('}', open)
      result += await this.#target(close === -1 ? '' : text.slice(open + 2, close), pointer)
      at = close === -1 ? text.length : close + 1
    }
    return result + text.slice(at)
  }

  async #target(reference: string, pointer: string): Promise<string> {
    const [, name, otherwise] = VARIABLE.exec(reference) ?? []
    if (name !== undefined) {
      const { env } = this.#surroundings
      const found = Object.hasOwn(env, name) ? env[name] : undefined
      if (otherwise !== undefined) return found === undefined || found === '' ? otherwise : found
      return found ?? this.#missing(pointer, `the environment variable ${name}`, 'nothing',
        `set it, or give a default: \${env:${name}:-...}`)
    }
    const [, path] = FILE.exec(reference) ?? []
    if (path === undefined) {
      return this.#missing(pointer, '${env:NAME}, ${env:NAME:-default} or ${file:path}', 'another word in ${...}',
        'a plain ${ is written $${')
    }
    try {
      return (await readText(resolve(this.#surroundings.folder, path), LARGEST_FILE)).replace(/\r?\n$/, '')
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error
      return this.#missing(pointer, `a text file at ${path}`, error.message)
    }
  }

  #missing(pointer: string, expected: string, got: string, message = ''): string {
    this.faults.push({ pointer, expected, got, message })
    return ''
  }
}
