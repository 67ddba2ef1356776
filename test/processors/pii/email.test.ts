import assert from 'node:assert/strict'
import { it } from 'node:test'
import pii from '../../../processors/pii.ts'
import { values } from '../law.ts'

const detector = await pii.setup({ entities: ['email'] })

const CASES: readonly (readonly [text: string, ...found: string[]])[] = [
  ['write to jane.roe+x@example.co.uk, please', 'jane.roe+x@example.co.uk'], ['<jane@example.com>', 'jane@example.com'],
  ['mailto:jane@example.com?subject=x', 'jane@example.com'],
  ['?to=jane@example.com&cc=joe@example.org', 'jane@example.com', 'joe@example.org'],
  ['"jane@example.com"', 'jane@example.com'], ["'jane@example.com'", 'jane@example.com'],
  ['_jane@example.com_', 'jane@example.com'], ["o'brien@example.ie", "o'brien@example.ie"],
  ['jürgen@müller.de', 'jürgen@müller.de'], ['x@xn--80ak6aa92e.xn--p1ai', 'x@xn--80ak6aa92e.xn--p1ai'],
  ['jane@example.com. Then', 'jane@example.com'], ['see...jane@example.com', 'jane@example.com'],
  ['____jane@example.com', 'jane@example.com'], ['jane@example.com-foo', 'jane@example.com'],
  ['メールはjane@example.comです', 'jane@example.com'], ['ｊａｎｅ＠example.com', 'ｊａｎｅ＠example.com'],
  ['jane\u200b@exam\u00adple.com', 'jane\u200b@exam\u00adple.com'], ['a@b.com@c.com', 'a@b.com'],
  ['a@b---c.com@d.org', 'c.com@d.org'], ['jane@example'], ['jane@-example.com'], ['jane@exa..mple'], ['jane.@example.com'],
  ['@example.com'], ['jane @example.com'], ['jane@ example.com'], ['@jane@example.com'], ['jane@1.2.3'], ['jane@example.c'],
  ['lodash@4.17.21'], ['logo@2x.png'], ['jane\u200b\u200b@example.com'],
  [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`], [`${'a'.repeat(65)}@example.com`],
  [`jane@${'a'.repeat(63)}.com`, `jane@${'a'.repeat(63)}.com`], [`jane@${'a'.repeat(64)}.com`],
  [`jane@${'a.'.repeat(122)}com ok`, `jane@${'a.'.repeat(122)}com`], [`jane@${'a.'.repeat(124)}com ok`],
]

for (const [text, ...found] of CASES) {
  it(`finds ${found.length === 0 ? 'nothing' : found.join(' and ').slice(0, 60)} in ${text.slice(0, 60)}`, () => {
    assert.deepEqual(values(detector, text), found)
  })
}
