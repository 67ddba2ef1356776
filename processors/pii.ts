// Personal data: e-mail addresses, telephone, card and bank account numbers, US social security numbers. Says where they
// are; the gateway masks them, replaces them or turns them into placeholders that the way up turns back.
import { defineProcessor, type Finding, type Segment, Type } from 'gatehouse/sdk'
import { isSupportedCountry } from 'libphonenumber-js/max'
import { card } from './pii/card.ts'
import { email, LONGEST_EMAIL } from './pii/email.ts'
import { digitRuns, type Entity, LONGEST } from './pii/entity.ts'
import { iban } from './pii/iban.ts'
import { phone } from './pii/phone.ts'
import { usSsn } from './pii/us-ssn.ts'
import { viewOf } from './pii/view.ts'

const ENTITIES = ['email', 'phone', 'card', 'iban', 'us-ssn'] as const
const ACTIONS = ['mask', 'replace', 'hash', 'tokenize', 'annotate', 'block'] as const

const DEFAULTS = { entities: [...ENTITIES], action: 'tokenize', regions: ['US'] } as const
const REGIONS = 'Countries, by their two letters (ISO 3166), whose telephone numbers may come without a calling code.'

/**
 * How far a finding depends on what stands before it, at most: on the 48 characters that may name a number and the one at
 * their edge, on a candidate in front of its chain (12), and on the chain (64), each character with an invisible one behind.
 */
const LOOKBEHIND = 256
const LOOKAHEAD = 12

export default defineProcessor({
  name: 'pii',
  kind: 'detector',
  rights: ['annotate', 'edit', 'block'],
  reads: {
    origins: ['system', 'developer', 'user', 'assistant', 'tool_result', 'file'],
    channels: ['text', 'refusal', 'reasoning', 'transcript', 'tool_args', 'tool_name'],
  },
  // A view may be half as long as its text: a single invisible character may stand between any two others.
  stream: { maxMatch: 2 * LONGEST_EMAIL, lookbehind: LOOKBEHIND, lookahead: LOOKAHEAD },
  onError: 'closed',
  remembers: true,
  options: Type.Object({
    entities: Type.Optional(Type.Array(Type.Enum(ENTITIES), { minItems: 1, uniqueItems: true, default: DEFAULTS.entities })),
    action: Type.Optional(Type.Enum(ACTIONS, { default: DEFAULTS.action })),
    regions: Type.Optional(Type.Array(Type.String(), { default: DEFAULTS.regions, description: REGIONS })),
  }, { additionalProperties: false }),
  setup(options) {
    const { entities, action, regions } = { ...DEFAULTS, ...options }
    const finders = [...new Set(entities)].map(name => entityOf(name, regions))
    const readsDigits = finders.some(entity => entity !== email)

    function findIn(segment: Segment, findings: Finding[]): void {
      const { text, offsets } = viewOf(segment.text)
      const digits = readsDigits ? digitRuns(text, 0) : []
      for (const entity of finders) {
        if (entity !== email && digits.length === 0) continue
        for (const { start, end, score } of entity.find(text, digits)) {
          const span = offsets === undefined ? { start, end } : { start: offsets[start]!, end: offsets[end - 1]! + 1 }
          findings.push({ segment: segment.id, ...span, type: entity.type, score, action })
        }
      }
    }

    return {
      inspect(segments) {
        const findings: Finding[] = []
        for (const segment of segments) findIn(segment, findings)
        return findings
      },
      undecided(whole) {
        const { text, offsets } = viewOf(whole)
        const digits = readsDigits ? digitRuns(text, Math.max(0, text.length - LONGEST - LOOKAHEAD)) : []
        let open = text.length
        for (const entity of finders) open = Math.min(open, entity.open(text, digits))
        return open === text.length ? whole.length : offsets?.[open] ?? open
      },
    }
  },
})

/** Throws a plain sentence where a region is none: it becomes a config error. */
function entityOf(name: typeof ENTITIES[number], regions: readonly string[]): Entity {
  switch (name) {
    case 'email': return email
    case 'phone': {
      const unknown = regions.find(region => !isSupportedCountry(region))
      if (unknown === undefined) return phone(regions)
      throw new Error(`expected regions to be countries by their two letters, as "US" or "GB", got ${JSON.stringify(unknown)}`)
    }
    case 'card': return card
    case 'iban': return iban
    case 'us-ssn': return usSsn
  }
}
