import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/openai-responses.ts'
import type { CanonicalAnswer } from '../../../sdk/index.ts'
import { SETTINGS, answerLaws, inPieces, writeStream } from './law.ts'

const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const

/** One status for all good ends, told apart by what was said; and a usage in every answer. */
answerLaws(translation, answer => ({
  ...answer,
  usage: answer.usage ?? NOTHING,
  choices: answer.choices.map(choice => {
    const kinds = new Set(choice.blocks.map(block => block.kind))
    const { stop } = choice.finish
    const completed = kinds.has('tool_call') ? 'tool' : kinds.has('refusal') ? 'refusal' : 'end'
    const told = stop === 'length' || stop === 'filter' ? stop : stop === 'refusal' && !kinds.has('refusal') ? 'filter' : completed
    return { ...choice, finish: { stop: told, raw: '' } }
  }),
}))
