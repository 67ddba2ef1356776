import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { patch } from '../../core/patch.ts'
import { restorations, Restorer } from '../../core/restore.ts'
import { Vault } from '../../core/vault.ts'

const restored = (text: string, vault: Vault): string => patch(text, restorations(text, vault, false))
const filled = (): { vault: Vault; email: string; card: string } => {
  const vault = new Vault('secret', 'research')
  return { vault, email: vault.token('email', 'jane@example.com'), card: vault.token('card', '4539 1488 0343 6467') }
}

test('a placeholder is one ASCII word of type, ordinal and nonce', () => {
  const { email, card } = filled()
  assert.match(email, /^EMAIL_1_[a-z0-9]{8}$/)
  assert.match(card, /^CARD_1_[a-z0-9]{8}$/)
  assert.match(new Vault('s', 't').token('us-ssn', '1'), /^US_SSN_1_/)
})

test('the same value has the same placeholder, in this request and in the next', () => {
  const first = filled()
  assert.equal(first.vault.token('email', 'jane@example.com'), first.email)
  assert.equal(filled().email, first.email)
  assert.notEqual(first.vault.token('email', 'john@example.com'), first.email)
})

test('another tenant, another secret or another type gives another nonce', () => {
  const nonce = (vault: Vault, type = 'email'): string => vault.token(type, 'x@example.com').split('_').at(-1)!
  const all = [nonce(new Vault('a', 't')), nonce(new Vault('b', 't')), nonce(new Vault('a', 'u')), nonce(new Vault('a', 't'), 'mail')]
  assert.equal(new Set(all).size, 4)
})

test('a hash tells values apart and is no placeholder', () => {
  const { vault } = filled()
  assert.equal(vault.hash('email', 'a'), vault.hash('email', 'a'))
  assert.notEqual(vault.hash('email', 'a'), vault.hash('email', 'b'))
})

test('placeholders are found as models bend them', () => {
  const { vault, email } = filled()
  const nonce = email.split('_')[2]!
  for (const bent of [
    email, email.toLowerCase(), `EMAIL\\_1\\_${nonce}`, `EMAIL-1-${nonce}`, `Email 1 ${nonce.toUpperCase()}`, `EM\u200bAIL_1_${nonce}`, `**${email}**`,
    `${email}'s`, `x${email}`,
  ]) {
    assert.ok(restored(`<${bent}>`, vault).includes('jane@example.com'), bent)
  }
})

test('what only looks like a placeholder stays as it is', () => {
  const { vault, email } = filled()
  for (const text of ['EMAIL_1_zzzzzzzz', email.slice(0, -1), 'EMAIL_1', 'EMAIL', `PHONE_1_${email.split('_')[2]}`, '', 'EMAIL_1234567_bcdfghjk']) {
    assert.equal(restored(text, vault), text)
  }
  assert.equal(restored(email, new Vault('secret', 'research')), email)
})

test('a stream restores what the whole text restores, however it is cut, and holds no more than it must', () => {
  const { vault, email, card } = filled()
  const word = fc.constantFrom(email, card, email.toLowerCase(), email.slice(0, 7), 'EMAIL', ' ', 'Email me', '_', '\\_', '1', '\u200b', 'CAR', 'é', '\n', 'EMAIL_1_')
  fc.assert(fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(8)), (words, cuts) => {
    const text = words.join('')
    const restorer = new Restorer(vault, false)
    let out = ''
    let at = 0
    for (let i = 0; at < text.length; i++) {
      const size = 1 + (cuts[i % Math.max(1, cuts.length)] ?? 0)
      out += restorer.push(text.slice(at, at + size), false)
      at += size
      assert.ok(restorer.held <= 120, 'held more than any placeholder is long')
    }
    out += restorer.push('', true)
    assert.equal(out, restored(text, vault))
  }), { numRuns: 500 })
})

test('text that cannot become a placeholder is not held', () => {
  const { vault } = filled()
  const restorer = new Restorer(vault, false)
  assert.equal(restorer.push('Hello there, ', false), 'Hello there, ')
  assert.equal(restorer.push('EMA', false), '')
  assert.equal(restorer.push('NATION', false), 'EMANATION')
})
