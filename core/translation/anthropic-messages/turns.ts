// Turns of a conversation as Claude's APIs take them: what the system says first stands apart, turns alternate, and results of
// tools lead theirs. Called by write-request.ts, here and in bedrock-converse/.
import type { Block, CanonicalRequest, Turn, Warning } from '../../../sdk/index.ts'
import { untranslatable } from './write-blocks.ts'

/** How a format writes the blocks of requests: `field` is a block's place in the request. */
export interface BlocksOf<Written> {
  write(block: Block, field: string): readonly Written[]
  isResult(written: Written): boolean
}

interface Message<Written> {
  readonly role: 'user' | 'assistant'
  readonly content: readonly Written[]
}

/** Turns as they are written. */
export interface WrittenTurns<Written> {
  readonly system: Written[]
  readonly messages: readonly Message<Written>[]
}

/** Writes the turns. A turn that nothing is left of is left out. */
export function writeTurns<Written>(
  { turns }: CanonicalRequest, blocks: BlocksOf<Written>, warnings: Warning[],
): WrittenTurns<Written> {
  const spoken = turns.findIndex(turn => !ofSystem(turn))
  const heads = spoken === -1 ? turns.length : spoken
  const system: Written[] = []
  const messages: { role: 'user' | 'assistant'; content: Written[] }[] = []
  for (const [i, turn] of turns.entries()) {
    const content = contentOf(turn, i, blocks)
    if (i < heads) {
      system.push(...content)
      continue
    }
    const field = `turns[${i}]`
    if (turn.name !== undefined) warnings.push({ field: `${field}.name`, action: 'dropped', why: 'turns have no names here' })
    if (ofSystem(turn)) warnings.push({ field: `${field}.role`, action: 'approximated', why: 'it is said as the user here' })
    const role = turn.role === 'assistant' ? 'assistant' : 'user'
    const before = messages.at(-1)
    if (content.length === 0) continue
    if (before?.role === role) before.content.push(...content)
    else messages.push({ role, content })
  }
  const ordered = (content: readonly Written[]): Written[] => resultsFirst(content, one => blocks.isResult(one))
  return { system, messages: messages.map(({ role, content }) => ({ role, content: ordered(content) })) }
}

function ofSystem({ role }: Turn): boolean {
  return role === 'system' || role === 'developer'
}

function contentOf<Written>(turn: Turn, i: number, blocks: BlocksOf<Written>): Written[] {
  return turn.blocks.flatMap((block, j) => {
    const field = `turns[${i}].blocks[${j}]`
    if (ofSystem(turn) && block.kind !== 'text') throw untranslatable(field, 'takes text from the system only')
    return blocks.write(block, field)
  })
}

/** The blocks with the results of tools before all others. */
export function resultsFirst<T>(blocks: readonly T[], isResult: (block: T) => boolean): T[] {
  return [...blocks.filter(isResult), ...blocks.filter(block => !isResult(block))]
}
