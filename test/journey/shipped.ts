// The processors of the house, each with options and samples that show what it does. Used by the tests of all of them.
import type { Given } from 'gatehouse/sdk/testing'

/** What the conformance kit is told of each. */
export const SHIPPED: Readonly<Record<string, Given>> = {
  cache: {},
  meter: {},
  moderation: {
    options: { words: { threat: ['kill all of you', 'stop!'], place: ['Straße'] } },
    samples: ['I will KILL all of you', 'stop!', 'die straße', 'ｋｉｌｌ ａｌｌ ｏｆ ｙｏｕ'],
  },
  pii: {
    samples: [
      'jane.roe@example.com', 'call +1 202-555-0143', 'card 4111 1111 1111 1111', 'IBAN DE89 3704 0044 0532 0130 00', 'SSN 536-90-4399',
    ],
  },
  'prompt-decorate': {
    options: { prepend: [{ role: 'system', text: 'Be "kind".' }], append: [{ role: 'user', text: 'Answer briefly.' }] },
    samples: ['anything'],
  },
  secrets: {
    // In pieces, so that no scanner of code takes them for secrets that leaked.
    samples: [
      `use gh${'p_'}q3Zr8LtVw2Yx6Kd9Bn4Mf7Hs1Jc5Pg0Ua3Ev`, 'https://bob:s3cr3t-w0rd@db', 'password: tr0ub4dor&3x',
      `-----BEGIN ${'EC'} PRIVATE KEY-----\nMHcCAQEEIIJ4f8Zk2mQ7xT1vWc9Lr5uYd3Hb6Ns0Pa8Eg4Kj\n-----END ${'EC'} PRIVATE KEY-----`,
    ],
  },
}

/** Those that run inline alone, each told why where a config says otherwise. */
export const INLINE: readonly string[] = ['cache', 'retrieve']

/**
 * Those that the kit cannot set up by themselves: an embedder for its thousands of texts would take minutes, and a service elsewhere
 * is in the hands of remote.test.ts.
 */
export const EQUIPPED: readonly string[] = ['remote', 'retrieve']
