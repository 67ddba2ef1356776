// Credentials: API keys, tokens, private keys, passwords in URLs and in assignments. Says where they are; the gateway puts a
// word in their place. A secret is replaced and does not come back: an instruction hidden in a document could have the model
// write a placeholder into a link, and turning it back would send the secret to whoever wrote that.
import { defineProcessor, type Finding, Type } from 'gatehouse/sdk'
import { builtIn } from './secrets/built-in.ts'
import { Finder } from './secrets/finder.ts'
import { BOUNDS } from './secrets/rule.ts'
import { readRules } from './secrets/rules-file.ts'

const ACTIONS = ['replace', 'mask', 'hash', 'tokenize', 'annotate', 'block'] as const
const LARGEST_RULES = 2 ** 20

export default defineProcessor({
  name: 'secrets',
  kind: 'detector',
  rights: ['annotate', 'edit', 'block'],
  reads: {
    origins: ['system', 'developer', 'user', 'assistant', 'tool_result', 'file'],
    channels: ['text', 'refusal', 'reasoning', 'transcript', 'tool_args', 'tool_name'],
  },
  stream: BOUNDS,
  onError: 'closed',
  remembers: true,
  options: Type.Object({
    rules: Type.Optional(Type.String({
      minLength: 1, maxLength: LARGEST_RULES,
      description: 'Rules in the format of gitleaks, in place of the built-in ones: ${file:rules.toml}.',
    })),
    action: Type.Optional(Type.Enum(ACTIONS, { default: 'replace' })),
  }, { additionalProperties: false }),
  setup({ rules, action = 'replace' }) {
    const finder = new Finder(rules === undefined ? builtIn() : readRules(rules))
    return {
      inspect(segments) {
        const findings: Finding[] = []
        for (const { id, text } of segments) {
          for (const { start, end, rule } of finder.find(text)) {
            findings.push({ segment: id, start, end, type: rule.type, score: rule.score, action })
          }
        }
        return findings
      },
      undecided: text => finder.open(text),
    }
  },
})
