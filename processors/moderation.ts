// Words and phrases that are not welcome, by category: the operator's own and the lists of moderation/lists.ts. A list
// knows words, not meanings: it begins in shadow, and what it finds is a reason to look, not a judgement.
import { defineProcessor, type Finding, Type } from 'gatehouse/sdk'
import { Lexicon, LONGEST, LONGEST_ENTRY } from './moderation/lexicon.ts'
import { LIST_NAMES, LISTS } from './moderation/lists.ts'

const ACTIONS = ['block', 'mask', 'annotate'] as const
const DEFAULTS = { words: {}, lists: [...LIST_NAMES], action: 'block' } as const

export default defineProcessor({
  name: 'moderation',
  kind: 'detector',
  rights: ['annotate', 'edit', 'block'],
  reads: { origins: ['user', 'assistant', 'tool_result'], channels: ['text'] },
  // Three code units of text may fold to one: a surrogate pair and an invisible character behind it.
  stream: { maxMatch: 3 * LONGEST, lookbehind: 8, lookahead: 8 },
  onError: 'open',
  mode: 'shadow',
  remembers: true,
  options: Type.Object({
    words: Type.Optional(Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
      Type.Array(Type.String({ minLength: 1, maxLength: LONGEST_ENTRY }), { maxItems: 100_000 }),
      { default: DEFAULTS.words, description: 'Words and phrases by category, whole words in any case.' },
    )),
    lists: Type.Optional(Type.Array(Type.Enum([...LIST_NAMES]), {
      uniqueItems: true, default: DEFAULTS.lists, description: 'Built-in lists, all of them if left out.',
    })),
    action: Type.Optional(Type.Enum(ACTIONS, { default: DEFAULTS.action })),
  }, { additionalProperties: false }),
  setup(options) {
    const { words, lists, action } = { ...DEFAULTS, ...options }
    const lexicon = new Lexicon()
    for (const list of lists) {
      for (const entry of LISTS[list]) lexicon.add(entry, list)
    }
    for (const [category, entries] of Object.entries<readonly string[]>(words)) {
      for (const entry of entries) lexicon.add(entry, category)
    }
    return {
      inspect(segments) {
        const findings: Finding[] = []
        for (const { id, text } of segments) {
          for (const { start, end, category } of lexicon.find(text)) {
            findings.push({ segment: id, start, end, type: category, action })
          }
        }
        return findings
      },
      undecided: text => lexicon.open(text),
    }
  },
})
