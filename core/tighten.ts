// What a caller may ask of the gateway in headers of its own: more care than its route takes, never less. Called by proxy.ts.
import { GatehouseError } from '../sdk/index.ts'
import type { Context } from './context.ts'

const SHADOW = 'x-gatehouse-shadow'
const UNCOVERED = 'x-gatehouse-uncovered'
const LOSS = 'x-gatehouse-loss'
const TIMEOUT = 'x-gatehouse-timeout'

/** Takes up the route's care and the caller's, whichever is more, and starts the clock. Throws `invalid_header`. */
export function tighten(context: Context): void {
  const { chain, strict, onUncovered, onLoss, total } = context.route!
  const { headers } = context.request
  context.chain = asks(headers[SHADOW], SHADOW, 'enforce') ? strict : chain
  context.onUncovered = asks(headers[UNCOVERED], UNCOVERED, 'reject') ? 'reject' : onUncovered
  context.onLoss = asks(headers[LOSS], LOSS, 'reject') ? 'reject' : onLoss
  const milliseconds = headers[TIMEOUT]
  if (milliseconds !== undefined && !/^[1-9]\d{0,8}$/.test(String(milliseconds))) refuse(TIMEOUT, 'a number of milliseconds')
  context.startClock(milliseconds === undefined ? total : Math.min(total, Number(milliseconds)))
}

function asks(value: unknown, name: string, word: string): boolean {
  if (value !== undefined && value !== word) refuse(name, `"${word}"`)
  return value === word
}

/** A caller who asks for more care and misspells it must hear of it. */
function refuse(name: string, expected: string): never {
  throw new GatehouseError('invalid_header', `Expected the header ${name} to be ${expected}, or left out.`)
}
