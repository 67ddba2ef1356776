#!/usr/bin/env node
// `npm run measure:cache`: how often the cache's `near` would answer another question than was asked, at which threshold, with
// and without its guards. Reads labelled questions from the folder that GATEHOUSE_DATA names. bench/README.md has the figures.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Shed } from '../core/equipment.ts'
import { disagreement } from '../processors/cache/guards.ts'
import { markdown } from './markdown.ts'

const THRESHOLDS = [0.84, 0.86, 0.88, 0.9, 0.92, 0.94, 0.96]
/** Pairs with at least this score, of 5, ask the same (SemEval 2016 task 1: 4 differs in unimportant details). */
const SAME = 4
/** Texts that are embedded at once. */
const BATCH = 32

interface Pair {
  readonly a: string
  readonly b: string
  readonly same: boolean
}

async function main(): Promise<void> {
  const data = join(process.env['GATEHOUSE_DATA'] ?? '', 'questions')
  if (!existsSync(data)) return console.log('left out: GATEHOUSE_DATA names no folder with labelled questions (questions/question-question.test.tsv, questions/banking77-test.csv)')
  const shed = new Shed('.')
  const embedder = await shed.embedder({ use: 'local' })
  const embed = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const vectors: Float32Array[] = []
    for (let at = 0; at < texts.length; at += BATCH) vectors.push(...await embedder.embed(texts.slice(at, at + BATCH)))
    return vectors
  }

  const pairs = scored(readFileSync(join(data, 'question-question.test.tsv'), 'utf8'))
  const [left, right] = [await embed(pairs.map(({ a }) => a)), await embed(pairs.map(({ b }) => b))]
  console.log(`Scored pairs: ${pairs.length}, of which ${pairs.filter(({ same }) => same).length} ask the same\n`)
  console.log(table(pairs.map((pair, at) => ({ ...pair, similarity: dot(left[at]!, right[at]!) }))))

  const questions = intents(readFileSync(join(data, 'banking77-test.csv'), 'utf8'))
  const vectors = await embed(questions.map(({ text }) => text))
  const neighbours = questions.map(({ text, intent }, at) => {
    const near = nearestTo(at, vectors)
    return { a: text, b: questions[near]!.text, same: intent === questions[near]!.intent, similarity: dot(vectors[at]!, vectors[near]!) }
  })
  console.log(`\nBank questions: each of ${questions.length} with its nearest; "same" is the same intent, which is less than the same answer\n`)
  console.log(table(neighbours))
  await shed.close()
}

function table(pairs: readonly (Pair & { readonly similarity: number })[]): string {
  const all = pairs.filter(({ same }) => same).length
  const cells = (hits: readonly Pair[]): string[] => {
    const right = hits.filter(({ same }) => same).length
    return [String(hits.length), hits.length === 0 ? '' : (right / hits.length).toFixed(3), (right / all).toFixed(3)]
  }
  const rows = THRESHOLDS.map(threshold => {
    const hits = pairs.filter(({ similarity }) => similarity >= threshold)
    return [threshold.toFixed(2), ...cells(hits), ...cells(hits.filter(({ a, b }) => disagreement(a, b) === undefined))]
  })
  return markdown(['threshold', 'hits', 'precision', 'recall', 'guarded hits', 'precision', 'recall'], rows)
}

/** Lines of score, question, question; those without a score were never judged. */
function scored(text: string): Pair[] {
  return text.split('\n').map(line => line.trim().split('\t')).flatMap(([score, a, b]) =>
    score !== undefined && /^[0-5]$/.test(score) && a !== undefined && b !== undefined ? [{ a, b, same: Number(score) >= SAME }] : [])
}

/** Lines of question, intent; a question with a comma stands in quotes. */
function intents(text: string): { text: string; intent: string }[] {
  return [...text.matchAll(/^(?:"((?:[^"]|"")*)"|([^",\n]*)),(\w+)\r?$/gm)].slice(1)
    .map(([, quoted, plain = '', intent = '']) => ({ text: quoted?.replaceAll('""', '"') ?? plain, intent }))
}

function nearestTo(at: number, vectors: readonly Float32Array[]): number {
  let best = -1
  let most = -Infinity
  for (const [other, vector] of vectors.entries()) {
    const similarity = other === at ? -Infinity : dot(vectors[at]!, vector)
    if (similarity <= most) continue
    most = similarity
    best = other
  }
  return best
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

await main()
