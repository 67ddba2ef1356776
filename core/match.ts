// What a route's match asks of a request, compiled when the config loads: one term for each thing that must hold, with the
// words for it. Used by router.ts and gateway.ts; told by near-miss.ts and description.ts.
import type { IncomingHttpHeaders } from 'node:http'
import type { MatchConfig } from '../config/config.ts'

/** Who is calling, as far as a match cares. */
interface Caller {
  readonly consumer: string
  readonly tags: Readonly<Record<string, string>>
}

/** What a match looks at. */
export interface Matched extends Caller {
  readonly model: string
  readonly dialect: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Bytes of the body; NaN for an upload that does not say. */
  readonly size: number
  /** True where the body is passed on unread, and so names no model. */
  readonly unread: boolean
}

/** A compiled match. */
export type Match = (request: Matched) => boolean

/** One thing that must hold. */
export interface Term<R = Matched> {
  /** `model gpt-* | o1`; empty for what every match asks. */
  readonly says: string
  /** Why a request does not match: `model is none of gpt-*, o1`. */
  readonly lacks: string
  holds(request: R): boolean
}

/** Compiles a match. Paths that the house passes on unread are only reached by a match that names paths. */
export function compileMatch(config: MatchConfig): Match {
  const terms = termsOf(config)
  return request => {
    for (const term of terms) if (!term.holds(request)) return false
    return true
  }
}

/** True where a match lets somebody in, whatever is asked. */
export function admits(config: MatchConfig, caller: Caller): boolean {
  return callerTerms(config).every(term => term.holds(caller))
}

/** All that must hold. */
export function termsOf(config: MatchConfig): Term[] {
  const { model, dialect, path, header = {}, size } = config
  const terms: (Term | undefined)[] = [
    model && unlessUnread(oneOf('model', model, request => request.model)),
    dialect && oneOf('dialect', dialect, request => request.dialect),
    path === undefined ? READ : oneOf('path', path, request => request.path),
    ...callerTerms(config),
    ...Object.entries(header).map(([name, patterns]) => oneOf(`header ${name}`, patterns, request => request.headers[name])),
    size && within(size),
  ]
  return terms.filter(term => term !== undefined)
}

function callerTerms({ consumer, tags = {} }: MatchConfig): Term<Caller>[] {
  return [
    ...consumer === undefined ? [] : [oneOf<Caller>('consumer', consumer, caller => caller.consumer)],
    ...Object.entries(tags).map(([name, patterns]) => oneOf<Caller>(`tag ${name}`, patterns, caller => caller.tags[name])),
  ]
}

/** A value that matches one of some patterns; none at all matches nothing. */
function oneOf<R = Matched>(name: string, patterns: readonly string[], valueOf: (request: R) => unknown): Term<R> {
  const matchers = patterns.map(glob)
  return {
    says: `${name} ${patterns.join(' | ')}`,
    lacks: `${name} is none of ${patterns.join(', ')}`,
    holds(request) {
      const value = valueOf(request)
      return typeof value === 'string' && matchers.some(matches => matches(value))
    },
  }
}

const READ: Term = { says: '', lacks: 'the body is passed on unread, and no path is named', holds: ({ unread }) => !unread }

function unlessUnread(term: Term): Term {
  return { ...term, holds: request => request.unread || term.holds(request) }
}

/** A size that nobody knows is within no bounds. */
function within({ above = -1, below = Infinity }: NonNullable<MatchConfig['size']>): Term {
  const bounds = [...above === -1 ? [] : [`above ${above}`], ...below === Infinity ? [] : [`below ${below}`]].join(' and ')
  return { says: `size ${bounds} bytes`, lacks: `size is not ${bounds} bytes`, holds: ({ size }) => size > above && size < below }
}

/** Compiles a pattern with `*` for any run of characters. Linear: each piece is searched once. */
export function glob(pattern: string): (value: string) => boolean {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return value => value === pattern
  const first = pieces[0]!
  const last = pieces.at(-1)!
  const middle = pieces.slice(1, -1).filter(piece => piece !== '')
  return value => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
    let at = first.length
    for (const piece of middle) {
      at = value.indexOf(piece, at)
      if (at === -1) return false
      at += piece.length
    }
    return at <= value.length - last.length
  }
}
