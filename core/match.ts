// What a route's match asks of a request, compiled when the config loads: one term for each thing that must hold, with the
// words for where it does not. Used by router.ts, near-miss.ts, description.ts and gateway.ts.
import type { IncomingHttpHeaders } from 'node:http'
import type { MatchConfig, SizeRange } from '../config/config.ts'

/** What a match looks at. */
export interface Matched {
  readonly model: string
  readonly dialect: string
  readonly path: string
  readonly consumer: string
  readonly tags: Readonly<Record<string, string>>
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Bytes of the body; NaN for an upload that does not say how long it is. */
  readonly size: number
  /** True where the body is passed on unread, and so names no model. */
  readonly unread: boolean
}

/** A compiled match. */
export type Match = (request: Matched) => boolean

/** One thing that must hold. */
export interface Term {
  /** `model gpt-* | o1` */
  readonly says: string
  /** Why a request fails it: `model is none of gpt-*, o1`. */
  readonly lacks: string
  readonly holds: Match
}

/** The terms of a match; all of them must hold. Paths that the house passes on unread are only reached by a match that names paths. */
export function termsOf(config: MatchConfig): Term[] {
  const { model, dialect, path, consumer, header = {}, tags = {}, size } = config
  const terms: Term[] = []
  const one = (name: string, patterns: readonly string[] | undefined, valueOf: (request: Matched) => string | undefined): void => {
    if (patterns === undefined) return
    const matchers = patterns.map(glob)
    terms.push({
      says: `${name} ${patterns.join(' | ')}`,
      lacks: `${name} is none of ${patterns.join(', ')}`,
      holds(request) {
        const value = valueOf(request)
        return value !== undefined && matchers.some(matches => matches(value))
      },
    })
  }
  if (path === undefined) {
    terms.push({ says: '', lacks: 'the body is passed on unread, and no path is named', holds: ({ unread }) => !unread })
  }
  one('path', path, request => request.path)
  one('dialect', dialect, request => request.dialect)
  one('consumer', consumer, request => request.consumer)
  for (const [name, patterns] of Object.entries(tags)) {
    one(`tag ${name}`, patterns, request => Object.hasOwn(request.tags, name) ? request.tags[name] : undefined)
  }
  for (const [name, patterns] of Object.entries(header)) one(`header ${name}`, patterns, request => headerOf(request, name))
  if (size !== undefined) terms.push(sizeTerm(size))
  if (model !== undefined) {
    one('model', model, request => request.model)
    const { says, lacks, holds } = terms.pop()!
    terms.push({ says, lacks, holds: request => request.unread || holds(request) })
  }
  return terms
}
