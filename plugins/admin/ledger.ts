// What the ledger tells, at the admin port: usage and audit entries as JSON or CSV, and whether the audit chain is whole. Part
// of ../admin.ts.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  auditReport, reportCsv, reportObjects, spanOf, usageQueryOf, usageReport, type ControlPlane, type LedgerReader, type Report,
} from 'gatehouse/sdk'

type Query = Readonly<Record<string, string | readonly string[]>>

const MOST_ENTRIES = 10_000

/** Adds `/admin/usage`, `/admin/audit` and `/admin/audit/verify`. */
export function ledgerRoutes(app: FastifyInstance, house: ControlPlane): void {
  app.get('/admin/usage', answering(house, readUsage, async (ledger, { query, format }, reply) => {
    const report = usageReport(query, await ledger.usage(query))
    return format === 'csv' ? sendCsv(reply, report) : { usage: reportObjects(report) }
  }))
  app.get('/admin/audit', answering(house, readAudit, async (ledger, { query, format }, reply) => {
    const entries = await ledger.audit(query)
    return format === 'csv' ? sendCsv(reply, auditReport(entries)) : { entries }
  }))
  app.get('/admin/audit/verify', answering(house, () => undefined, ledger => ledger.verify()))
}

/** A handler that reads a question and asks the ledger. What cannot be answered is told why: sentences made to be shown. */
function answering<Q>(
  house: ControlPlane,
  read: (query: Query) => Q,
  ask: (ledger: LedgerReader, question: Q, reply: FastifyReply) => Promise<unknown>,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const refuse = (status: number, code: string, message: string): FastifyReply =>
      reply.code(status).send({ error: { code, message } })
    let question: Q
    try {
      question = read(request.query as Query)
    } catch (error) {
      return refuse(400, 'invalid_query', (error as Error).message)
    }
    if (house.ledger === undefined) return refuse(404, 'no_ledger', 'Expected a ledger in the config, and open.')
    try {
      return await ask(house.ledger, question, reply)
    } catch (error) {
      return refuse(503, 'ledger_failed', (error as Error).message)
    }
  }
}

function readUsage({ where = [], ...rest }: Query) {
  const { by, since, until, format } = once(rest, ['by', 'since', 'until', 'format'])
  return { query: usageQueryOf({ by, since, until, where: [where].flat() }, Date.now()), format: formatOf(format) }
}

function readAudit(query: Query) {
  const { since, until, limit = '100', format } = once(query, ['since', 'until', 'limit', 'format'])
  const isCount = /^[1-9]\d{0,4}$/.test(limit) && Number(limit) <= MOST_ENTRIES
  if (!isCount) throw new Error(`expected limit to be a number from 1 to ${MOST_ENTRIES}`)
  return { query: { ...spanOf({ since, until }, Date.now()), limit: Number(limit) }, format: formatOf(format) }
}

/** The values of a query, each given once. */
function once(query: Query, names: readonly string[]): Readonly<Record<string, string | undefined>> {
  for (const [name, value] of Object.entries(query)) {
    const isKnown = names.includes(name) && typeof value === 'string'
    if (!isKnown) throw new Error(`expected each of ${names.join(', ')} at most once, and nothing else`)
  }
  return query as Readonly<Record<string, string>>
}

function formatOf(format = 'json'): 'json' | 'csv' {
  if (format !== 'json' && format !== 'csv') throw new Error('expected format to be json or csv')
  return format
}

function sendCsv(reply: FastifyReply, report: Report): FastifyReply {
  return reply.type('text/csv; charset=utf-8; header=present').send(reportCsv(report))
}
