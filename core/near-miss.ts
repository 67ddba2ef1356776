// Why a request does not take a route, in words. Called by rehearsal.ts for the routes that come before the one it takes.
import type { MatchConfig } from '../config/config.ts'
import { termsOf, type Matched } from './match.ts'

/** What of a match does not hold for a request: `model is none of gpt-*, o1; consumer is none of research`. */
export function whyNot(match: MatchConfig, request: Matched): string {
  return termsOf(match).filter(term => !term.holds(request)).map(({ lacks }) => lacks).join('; ')
}
