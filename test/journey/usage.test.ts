// What an answer's usage keeps of its parts on the way through each format, for every usage.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { AnswerSettings, Usage } from '../../sdk/index.ts'
import { loadTranslation } from '../../core/registry.ts'

type Part = Exclude<keyof Usage, 'input' | 'output' | 'source'>

const KINDS = ['inputAudio', 'inputImage', 'cacheReadAudio', 'cacheReadImage', 'outputAudio', 'outputImage'] as const

/** The parts that a format has words for. */
const CARRIED: Readonly<Record<string, readonly Part[]>> = {
  'openai-chat': ['cacheRead', 'cacheWrite', 'reasoning', 'inputAudio', 'outputAudio'],
  'mistral-chat': ['cacheRead', 'cacheWrite', 'reasoning', 'inputAudio', 'outputAudio'],
  'openai-responses': ['cacheRead', 'cacheWrite', 'reasoning'],
  'anthropic-messages': ['cacheRead', 'cacheWrite', 'cacheWriteHour', 'reasoning'],
  gemini: ['cacheRead', 'reasoning', ...KINDS],
  'bedrock-converse': ['cacheRead', 'cacheWrite', 'cacheWriteHour'],
  'cohere-chat': ['cacheRead', 'billedInput', 'billedOutput'],
  'ollama-chat': [],
}

const tokens = fc.oneof(fc.constant(0), fc.nat(100_000))
const usages: fc.Arbitrary<Usage> = fc.record({
  fresh: fc.tuple(tokens, tokens, tokens), read: fc.tuple(tokens, tokens, tokens), written: fc.tuple(tokens, tokens),
  said: fc.tuple(tokens, tokens, tokens, tokens), billed: fc.tuple(tokens, tokens),
}).map(({ fresh, read, written, said, billed }) => ({
  input: sum(fresh) + sum(read) + sum(written), output: sum(said), cacheRead: sum(read), cacheWrite: sum(written), reasoning: said[3],
  cacheWriteHour: written[1], inputAudio: fresh[1] + read[1], inputImage: fresh[2] + read[2], cacheReadAudio: read[1],
  cacheReadImage: read[2], outputAudio: said[1], outputImage: said[2], billedInput: billed[0], billedOutput: billed[1],
  source: 'provider',
}))

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)

/** A usage with what a format has no words for left out. Without words of their own, parts are 0 and bills are the counts. */
function carried(usage: Usage, parts: readonly Part[]): Usage {
  const { input, output, source, cacheRead, cacheWrite, reasoning, ...more } = usage
  const kept = (part: Part, count: number): number => parts.includes(part) ? count : 0
  const told = Object.entries(more).filter(([part, count]) => parts.includes(part as Part)
    && count !== (part === 'billedInput' ? input : part === 'billedOutput' ? output : 0))
  return {
    input, output, source, cacheRead: kept('cacheRead', cacheRead), cacheWrite: kept('cacheWrite', cacheWrite),
    reasoning: kept('reasoning', reasoning), ...Object.fromEntries(told),
  }
}

const SETTINGS: AnswerSettings = {
  model: 'm', id: 'answer-1', at: 1_700_000_000,
  request: { model: 'm', turns: [], tools: [], stream: false, streamUsage: true, rest: { dialect: '', fields: {} } },
}

for (const [name, parts] of Object.entries(CARRIED)) {
  test(`${name} carries ${['input', 'output', ...parts].join(', ')}`, async () => {
    const translation = await loadTranslation(name)
    fc.assert(fc.property(usages, usage => {
      const choices = [{ index: 0, blocks: [{ kind: 'text', text: 'Hi' }], finish: { stop: 'end', raw: '' } }] as const
      const body = translation.writeAnswer({ id: 'i', model: 'm', choices, usage }, SETTINGS)
      assert.deepEqual(translation.readAnswer(JSON.parse(body)).usage, carried(usage, parts))
    }))
  })
}
