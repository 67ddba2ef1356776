// The journey of one request, top to bottom. Called by the api plugins through server.ts; every line is a stage with a
// file of its own.
import type { AccessRecord } from '../sdk/index.ts'
import { admit } from './admit.ts'
import { deliver } from './answer.ts'
import { walkBeside, walkDown } from './chain.ts'
import type { Context } from './context.ts'
import { reach } from './reach.ts'
import { refuse } from './refusal.ts'
import { readRequest } from './request.ts'
import { reserve } from './reservation.ts'
import { findRoute } from './router.ts'
import { settle } from './settle.ts'
import { tighten } from './tighten.ts'

/** Walks one request through the house. Never rejects: what goes wrong becomes the reply, and stands in the record. */
export async function proxy(context: Context): Promise<AccessRecord> {
  context.begin()
  try {
    readRequest(context)
    context.route = findRoute(context, context.gateway.routes)
    tighten(context)
    await admit(context)
    await walkDown(context, context.chain)
    await reserve(context)
    const reaching = reach(context)
    await walkBeside(context, context.chain, reaching)
    await deliver(context, await reaching)
  } catch (error) {
    await refuse(context, error)
  }
  context.end()
  return settle(context)
}
