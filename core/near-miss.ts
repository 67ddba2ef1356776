// Why a request does not take a route, in words. Called by rehearsal.ts for the routes that come before the one it takes.
import type { MatchConfig } from '../config/config.ts'
import { compileMatch, type Match } from './router.ts'

/** What of a match does not hold for a request: `model is none of gpt-*, o1; consumer is none of research`. */
export function whyNot(match: MatchConfig, request: Parameters<Match>[0]): string {
  if (request.unread && match.path === undefined) return 'the body is passed on unread, and no path is named'
  const fields = Object.entries(match as Record<keyof MatchConfig, readonly string[] | undefined>)
  return fields
    .filter(([name, patterns]) => patterns !== undefined && !(request.unread && name === 'model')
      && !compileMatch({ [name]: patterns })({ ...request, unread: false }))
    .map(([name, patterns]) => `${name} is none of ${patterns!.join(', ')}`)
    .join('; ')
}
