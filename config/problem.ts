// One thing wrong with a config, and the error that carries all of them. Made while a config loads and by every later
// stage that finds it at fault; printed by the command line and by a refused reload.
import { keysOf } from './pointer.ts'

/** One thing wrong, before its place in the file is known. */
export interface Fault {
  /** JSON pointer (RFC 6901) into the config; empty for the whole of it. */
  readonly pointer: string
  /** What would be right, as a noun phrase: `one of guarded, open`. */
  readonly expected: string
  /** What stands there, in words: see `show`. */
  readonly got: string
  /** How to mend it; empty where there is nothing to add. */
  readonly message: string
}

/** One thing wrong, with its place. Holds no secret: what stood in a secret field is `(hidden)`. */
export interface Problem extends Omit<Fault, 'pointer'> {
  /** The file, as it was named to the loader; absent where a config is compiled that came without one. */
  readonly file?: string
  /** JSON pointer into what the operator wrote; empty for the whole of it. */
  readonly path: string
  /** Line and column count from 1; both are 0 where there is no text to have places. */
  readonly line: number
  readonly column: number
}

/** Beyond these many, more problems only bury the first. */
const MOST_PRINTED = 20
const LONGEST_SHOWN = 80

/** A config that cannot be used. The message holds a line for each problem, the first twenty of them. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const lines = [...new Set(problems.map(sentence))]
    const more = lines.length - MOST_PRINTED
    super([...lines.slice(0, MOST_PRINTED), ...(more > 0 ? [`... and ${more} more`] : [])].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** A value in words that fit into a sentence. Long texts are cut, and a URL with credentials is not shown. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  if (typeof value !== 'string') return String(value)
  return /\/\/[^/]*@/.test(value) ? '(hidden)' : JSON.stringify(cut(value))
}

/** True where a pointer leads to, or through, a field whose name says that it holds a secret (`withoutKey` holds a name). */
export function isSecret(pointer: string): boolean {
  return keysOf(pointer).some(key => key !== 'withoutKey' && /(?:key|sha256|password|token|secret)s?$/i.test(key))
}

function sentence({ file, line, column, path, expected, got, message }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  const what = [`expected ${expected}`, `got ${got}`, message].filter(Boolean).join('; ')
  return printable([place, cut(path), what].filter(Boolean).join(' '))
}

function cut(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}

/** Keys and names come from outside: no line break, terminal command or bidi override of theirs reaches a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
