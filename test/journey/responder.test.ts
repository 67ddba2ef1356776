// What a responder of anybody's may note, and what becomes of a note that is none.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { completion, onto, openRig, openUpstream } from './rig.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }

for (const { what, says, header, outcome, reason = '' } of [
  { what: 'a note', says: "{ note: 'miss' }", header: 'miss', outcome: 'pass' },
  { what: 'an answer with a note and where it is from', says: "{ text: 'hey', note: 'hit', source: 'shelf 3' }", header: 'hit', outcome: 'respond', reason: 'shelf 3' },
  { what: 'an answer alone', says: "{ text: 'hey' }", header: null, outcome: 'respond' },
  { what: 'a note of several words', says: "{ note: 'Not a word' }", header: null, outcome: 'error', reason: 'malformed result, open' },
  { what: 'a note that would end the header', says: String.raw`{ note: 'a\r\nb' }`, header: null, outcome: 'error', reason: 'malformed result, open' },
  { what: 'a source that cannot be printed', says: String.raw`{ note: 'hit', source: 'ü' }`, header: null, outcome: 'error', reason: 'malformed result, open' },
  { what: 'neither text nor note', says: "{ source: 'x' }", header: null, outcome: 'error', reason: 'malformed result, open' },
] as const) {
  test(what, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-responder-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'shelf.ts')
    writeFileSync(file, `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'shelf', kind: 'responder', rights: ['respond'], onError: 'open', setup: () => ({ respond: () => (${says}) }) })`)
    const upstream = await openUpstream(t, reply => reply.setHeader('content-type', 'application/json').end(JSON.stringify(completion('upstream'))))
    const rig = await openRig(t, onto(upstream.url, { chain: [{ use: file, run: 'inline' }], trusted: [file] }))
    const reply = await rig.post(ASK)
    assert.match(await reply.text(), outcome === 'respond' ? /hey/ : /upstream/)
    assert.equal(reply.headers.get('x-gatehouse-shelf'), header)
    const [step] = rig.records[0]!.steps
    assert.deepEqual([step!.outcome, step!.reason], [outcome, reason])
    assert.deepEqual(Object.keys(step!.findings), header === null ? [] : [header])
  })
}
