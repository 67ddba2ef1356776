// Settings that a provider refuses. Used by the tests of providers.
import assert from 'node:assert/strict'
import { test } from 'node:test'

/** Settings with something wrong in them, and what the error says of it. */
export interface Refused {
  readonly what: string
  readonly run: () => unknown
  readonly says: RegExp
}

/** A test for each: the error says what is wrong, and repeats nothing called secret. */
export function refuses(settings: readonly Refused[]): void {
  for (const { what, run, says } of settings) {
    test(`refuses ${what}, and repeats no secret`, () => {
      assert.throws(run, (error: Error) => says.test(error.message) && !error.message.includes('secret'))
    })
  }
}

/** What is wrong wherever there is a key, and a URL that may be left out. */
export const keysAndUrls = (connect: (url?: string, key?: string) => unknown): Refused[] => [
  { what: 'no key', run: () => connect(undefined, ''), says: /key of printable/ },
  { what: 'a key with a space', run: () => connect(undefined, 'a secret'), says: /key of printable/ },
  { what: 'another scheme', run: () => connect('ftp://x.example'), says: /https:/ },
]
