import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import admin from '../../../plugins/admin.ts'
import type { AuditQuery, ControlPlane, LedgerReader, UsageQuery } from '../../../sdk/index.ts'
import { AT, auditOf } from '../ledger/contract.ts'

const SUM = {
  requests: 2, attempts: 3, lost: 0, estimated: 1, input: 5, output: 4, cacheRead: 3, cacheWrite: 2, reasoning: 1, unpriced: 0,
  cost: 2n ** 60n, chargedTokens: 6, chargedCost: 2n ** 60n,
}

async function ask(url: string, more: Partial<LedgerReader> = {}) {
  const asked: (UsageQuery | AuditQuery)[] = []
  const ledger: LedgerReader = {
    async usage(query) {
      asked.push(query)
      return [{ ...SUM, group: query.by.map(() => '@b,"x"') }]
    },
    async audit(query) {
      asked.push(query)
      return [{ ...auditOf(1), sequence: 7 }]
    },
    async verify() { return { entries: 3, faults: [{ sequence: 2, what: 'missing' }], head: undefined } },
    ...more,
  }
  const app = Fastify()
  await admin.control!(app, { ledger } as unknown as ControlPlane, {})
  const reply = await app.inject(url)
  return { status: reply.statusCode, type: reply.headers['content-type'], body: reply.body, asked }
}

const SPAN = 'since=2026-11-21&until=2026-11-22'
const DAY = 24 * 60 * 60 * 1000

test('usage as JSON and as CSV', async () => {
  const { cost: _, chargedTokens: __, chargedCost: ___, ...counts } = SUM
  const json = await ask(`/admin/usage?by=tags.team,day&${SPAN}&where=model=gpt-5&where=route=chat`)
  assert.deepEqual([json.status, JSON.parse(json.body)], [
    200, { usage: [{ 'tags.team': '@b,"x"', day: '@b,"x"', ...counts, costUsd: '1152921504.606846976' }] },
  ])
  assert.deepEqual(json.asked, [{ since: AT, until: AT + DAY, by: ['tags.team', 'day'], where: { model: 'gpt-5', route: 'chat' } }])
  const csv = await ask(`/admin/usage?format=csv&${SPAN}`)
  assert.deepEqual([csv.status, csv.type], [200, 'text/csv; charset=utf-8; header=present'])
  assert.equal(csv.body, 'consumer,requests,attempts,lost,estimated,input,output,cacheRead,cacheWrite,reasoning,unpriced,costUsd\r\n'
    + '"\'@b,""x""",2,3,0,1,5,4,3,2,1,0,1152921504.606846976\r\n')
})

test('audit entries, and whether they are whole', async () => {
  const { body, asked } = await ask(`/admin/audit?${SPAN}&limit=5`)
  assert.deepEqual([JSON.parse(body), asked], [{ entries: [{ ...auditOf(1), sequence: 7 }] }, [{ since: AT, until: AT + DAY, limit: 5 }]])
  assert.match((await ask(`/admin/audit?format=csv`)).body, /^sequence,at,actor,action,subject,detail,id\r\n7,2026-11-21T00:00:00\.000Z,/)
  assert.deepEqual(JSON.parse((await ask('/admin/audit/verify')).body), { entries: 3, faults: [{ sequence: 2, what: 'missing' }] })
})

const refused: { url: string; ledger?: Partial<LedgerReader>; status: number; code: string; says: RegExp }[] = [
  { url: '/admin/usage?by=secret', status: 400, code: 'invalid_query', says: /expected columns to be/ },
  { url: '/admin/usage?since=7d&since=8d', status: 400, code: 'invalid_query', says: /at most once/ },
  { url: '/admin/usage?sinse=7d', status: 400, code: 'invalid_query', says: /nothing else/ },
  { url: '/admin/usage?format=xml', status: 400, code: 'invalid_query', says: /json or csv/ },
  { url: '/admin/audit?limit=99999', status: 400, code: 'invalid_query', says: /from 1 to 10000/ },
  { url: '/admin/usage', ledger: { usage: () => Promise.reject(new Error('the disk is gone')) }, status: 503, code: 'ledger_failed', says: /the disk is gone/ },
]
for (const { url, ledger, status, code, says } of refused) {
  test(`${url}: ${status} ${code}`, async () => {
    const reply = await ask(url, ledger)
    const { error } = JSON.parse(reply.body) as { error: { code: string; message: string } }
    assert.deepEqual([reply.status, error.code], [status, code])
    assert.match(error.message, says)
  })
}

test('without a ledger: 404', async () => {
  const app = Fastify()
  await admin.control!(app, { ledger: undefined } as unknown as ControlPlane, {})
  for (const url of ['/admin/usage', '/admin/audit', '/admin/audit/verify']) assert.equal((await app.inject(url)).statusCode, 404)
})
