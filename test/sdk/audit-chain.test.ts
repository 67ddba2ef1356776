import assert from 'node:assert/strict'
import { createHmac, hash } from 'node:crypto'
import { test } from 'node:test'
import { AuditLinks, emptyHead, verifyAudit, type AuditRow, type AuditSeals } from '../../sdk/index.ts'
import { fc } from '../law.ts'
import { auditOf } from '../plugins/ledger/contract.ts'

const SEALS: AuditSeals = { hash: text => hash('sha256', text), seal: text => createHmac('sha256', 'key').update(text).digest('hex') }

function chainOf(count: number): { rows: AuditRow[]; head: AuditLinks['head'] } {
  const links = new AuditLinks({ head: emptyHead(SEALS), last: 0 }, SEALS)
  const rows = Array.from({ length: count }, (_, n) => links.add(auditOf(n)))
  return { rows, head: links.head }
}

async function faultsOf(rows: readonly AuditRow[], head: AuditLinks['head'] | undefined) {
  const sorted = rows.toSorted((a, b) => a.sequence - b.sequence)
  const page = async (after: number, count: number) => sorted.filter(({ sequence }) => sequence > after).slice(0, count)
  return (await verifyAudit({ head, last: sorted.at(-1)?.sequence ?? 0 }, page, SEALS)).faults
}

test('the hash is SHA-256 over the canonical JSON that RFC 8785 gives', () => {
  const { rows: [first, second] } = chainOf(2)
  const json = (sequence: number, previous: string) => '{"action":"block","actor":"consumer:research","at":1795219200000,'
    + '"detail":{"10":"ten","9":0.5,"last":true,"route":"chat","status":400},'
    + `"id":"audit-${sequence - 1}","previous":"${previous}","sequence":${sequence},"subject":"gh-${sequence - 1}"}`
  assert.equal(first!.hash, hash('sha256', json(1, '0'.repeat(64))))
  assert.equal(second!.hash, hash('sha256', json(2, first!.hash)))
})

test('an entry that was written anew with its hash, as the next remembers it; the last, as the head does', async () => {
  const { rows, head } = chainOf(3)
  const forge = (row: AuditRow): AuditRow => {
    const sequence = row.sequence - 1
    const links = new AuditLinks({ head: { sequence, hash: row.previous, seal: SEALS.seal(`${sequence}:${row.previous}`) }, last: sequence }, SEALS)
    const forged = links.add(auditOf(row.sequence - 1, { actor: 'nobody' }))
    assert.notEqual(forged.hash, row.hash)
    return forged
  }
  for (const sequence of [1, 2, 3]) {
    const forged = rows.map(row => (row.sequence === sequence ? forge(row) : row))
    assert.deepEqual(await faultsOf(forged, head), [{ sequence, what: 'altered' }])
  }
})

test('a detail that parses to the same, and is read otherwise by whoever takes the first of two names', async () => {
  const { rows, head } = chainOf(3)
  for (const forged of [
    rows[1]!.detail.replace('"route":', '"route":"forged","route":'), ` ${rows[1]!.detail}`, rows[1]!.detail.replace('chat', '\\u0063hat'),
  ]) {
    assert.deepEqual(JSON.parse(forged), JSON.parse(rows[1]!.detail))
    assert.deepEqual(await faultsOf(rows.with(1, { ...rows[1]!, detail: forged }), head), [{ sequence: 2, what: 'altered' }])
  }
})

test('any loss, change or swap shows, and what was not touched does not', async () => {
  const { rows, head } = chainOf(1200)
  assert.deepEqual(await faultsOf(rows, head), [])
  const place = fc.nat(rows.length - 1)
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('lose' as const), at: place, other: place }),
    fc.record({ kind: fc.constant('change' as const), at: place, other: place }),
    fc.record({ kind: fc.constant('swap' as const), at: place, other: place }),
  ).filter(({ kind, at, other }) => kind !== 'swap' || at !== other)
  await fc.assert(fc.asyncProperty(damage, async ({ kind, at, other }) => {
    const broken = [...rows]
    if (kind === 'lose') broken.splice(at, 1)
    if (kind === 'change') broken[at] = { ...rows[at]!, subject: 'x' }
    if (kind === 'swap') {
      broken[at] = { ...rows[other]!, sequence: at + 1 }
      broken[other] = { ...rows[at]!, sequence: other + 1 }
    }
    const faults = await faultsOf(broken, head)
    const touched = kind === 'swap' ? [at, other].toSorted((a, b) => a - b) : [at]
    assert.deepEqual(faults, touched.map(index => ({ sequence: index + 1, what: kind === 'lose' ? 'missing' : 'altered' })))
  }), { numRuns: 40 })
})

test('at most a hundred faults are told', async () => {
  const { rows, head } = chainOf(300)
  assert.equal((await faultsOf(rows.map(row => ({ ...row, actor: 'x' })), head)).length, 100)
})
