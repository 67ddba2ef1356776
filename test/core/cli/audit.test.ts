import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { auditOf } from '../../plugins/ledger/contract.ts'
import { configWith, run } from './ledger-config.ts'

const SPAN = ['--since', '2026-11-21', '--until', '2026-11-22']

test('lists entries, the newest first', async t => {
  const { file } = await configWith(t, [auditOf(1), auditOf(2, { detail: { status: 400 } }), auditOf(3, { actor: 'file', action: 'config\u001b', detail: {} })])
  const { code, out, err } = await run('audit', '--config', file, ...SPAN, '--limit', '2')
  assert.deepEqual([code, err], [0, ''])
  assert.equal(out, [
    'sequence  at                        actor              action        subject  detail          id',
    '       3  2026-11-21T00:00:00.000Z  file               config\\u001b  gh-3     {}              audit-3',
    '       2  2026-11-21T00:00:00.000Z  consumer:research  block         gh-2     {"status":400}  audit-2',
    '',
  ].join('\n'))
  const { out: json } = await run('audit', '--config', file, ...SPAN, '--format', 'json')
  assert.deepEqual((JSON.parse(json) as { sequence: number }[]).map(({ sequence }) => sequence), [3, 2, 1])
})

test('verifies the chain: exit code 0 and the head to note, or 1 and every fault', async t => {
  const { file, database } = await configWith(t, [1, 2, 3, 4].map(n => auditOf(n)))
  const whole = await run('audit', '--verify', '-c', file)
  assert.deepEqual([whole.code, whole.err], [0, ''])
  assert.match(whole.out, /^4 entries, none missing or altered; the head is 4 [0-9a-f]{64}\n$/)
  const tables = new DatabaseSync(database)
  tables.exec("DELETE FROM audit WHERE sequence = 2; UPDATE audit SET actor = 'nobody' WHERE sequence = 3; DELETE FROM audit_head")
  tables.close()
  const { code, out } = await run('audit', '--verify', '-c', file)
  assert.deepEqual([code, out.split('\n')], [1, [
    '3 entries; the chain is broken:',
    '  entry 2 is missing, and perhaps more behind it',
    '  entry 3 is not as it was written',
    '  entry 5 may have been cut off with all behind it: the head does not bear the seal',
    '',
  ]])
})

for (const limit of ['0', '10001', '1e3', 'all']) {
  test(`gatehouse audit --limit ${limit}: a sentence on stderr, exit code 2`, async () => {
    assert.deepEqual(await run('audit', '--limit', limit), { code: 2, out: '', err: 'gatehouse: expected --limit to be a number from 1 to 10000\n' })
  })
}
