// What of a whole answer the client's dialect has no words for, by reading back what was written. Called by translated.ts.
// A stream's head has left before anybody knows.
import type { Block, CanonicalAnswer, Translation, Warning } from '../sdk/index.ts'

/** What some formats have and others have not. Texts, thoughts, refusals and calls have a place in all of them. */
const KINDS: Readonly<Record<string, (block: Block) => number>> = {
  citations: block => block.kind === 'text' ? block.citations?.length ?? 0 : 0,
  quotations: block => block.kind === 'text' ? (block.citations ?? []).filter(({ quoted }) => quoted !== undefined).length : 0,
  logprobs: block => block.kind === 'text' ? block.logprobs?.length ?? 0 : 0,
  images: block => Number(block.kind === 'image'),
  sounds: block => Number(block.kind === 'audio'),
  files: block => Number(block.kind === 'file'),
  others: block => Number(block.kind === 'opaque'),
}

/** The losses, one for each kind. `written` is the answer in the words of `client`. */
export function lossesOf(answer: CanonicalAnswer, written: string, client: Translation): Warning[] {
  const counts = Object.entries(KINDS)
    .map(([kind, count]) => ({ kind, count, there: total(answer, count) }))
    .filter(({ there }) => there > 0)
  if (counts.length === 0) return []
  const told = client.readAnswer(JSON.parse(written))
  return counts.filter(({ count, there }) => total(told, count) < there)
    .map(({ kind }) => ({ field: `answer.${kind}`, action: 'dropped', why: "the client's dialect has no place for some of them" }))
}

function total({ choices }: CanonicalAnswer, count: (block: Block) => number): number {
  let sum = 0
  for (const { blocks } of choices) for (const block of blocks) sum += count(block)
  return sum
}
