import assert from 'node:assert/strict'
import { it } from 'node:test'
import pii from '../../../processors/pii.ts'
import { inspect } from '../law.ts'

const detector = await pii.setup({ entities: ['us-ssn'] })

const CASES: readonly (readonly [text: string, found?: string, score?: number])[] = [
  ['it is 123-45-6789.', '123-45-6789', 0.5], ['123 45 6789', '123 45 6789', 0.5], ['SSN: 123-45-6789', '123-45-6789', 0.85],
  ['my social security number is 123456789', '123456789', 0.4], ['ssn 123456789, born 1980', '123456789', 0.4],
  ['123‑45‑6789', '123‑45‑6789', 0.5], ['１２３-４５-６７８９', '１２３-４５-６７８９', 0.5], ['123-45-6789 2024', '123-45-6789', 0.5],
  ['123456789'], ['session 123456789'], [`ssn ${'x'.repeat(60)} 123456789`], ['ssn 1234567890'], ['ssn 123456789.5'],
  ['000-45-6789'], ['666-45-6789'], ['900-45-6789'], ['123-00-6789'], ['123-45-0000'], ['078-05-1120'], ['219-09-9999'],
  ['123-456-789'], ['123-45 6789'], ['123.45.6789'], ['1123-45-6789'], ['123-45-67890'], ['x123-45-6789'], ['123-45-6789x'],
  ['12-123-45-6789'], ['123-45-6789-1'], ['1 123 45 6789'], ['123 45 6789 1'], ['1.123-45-6789'], ['ssn 666456789'],
  ['ssn 078051120'],
]

for (const [text, found, score] of CASES) {
  it(`finds ${found ?? 'nothing'} in ${text.slice(0, 60)}`, () => {
    const findings = inspect(detector, text).map(finding => [text.slice(finding.start, finding.end), finding.score])
    assert.deepEqual(findings, found === undefined ? [] : [[found, score]])
  })
}
