// Names of tools and ids of calls that a format would refuse, made legal: the same for the same, so that a call, its result
// and the tool itself stay together. Used by the writers of requests, and by readers of answers that lack an id.
import { createHash } from 'node:crypto'
import type { Block, CanonicalRequest } from '../../../sdk/index.ts'

const LONGEST_NAME = 64
const LONGEST_ID = 40

/**
 * A tool's name as OpenAI, Mistral and most of their kin take it: 64 of letters, digits, `_` and `-`. Another name keeps
 * what it can, and gets eight characters of its hash so that no two become one. Legal names stay as they are.
 */
export function legalName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name
  return `${name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME - 9)}_${digest(name).slice(0, 8)}`
}

/** The request with every tool under its legal name, wherever it is named. */
export function withLegalNames(request: CanonicalRequest): CanonicalRequest {
  const { tools, toolChoice, turns } = request
  const named = (block: Block): Block => {
    if ((block.kind !== 'tool_call' && block.kind !== 'tool_result') || block.name === '') return block
    return { ...block, name: legalName(block.name) }
  }
  return {
    ...request,
    tools: tools.map(tool => ({ ...tool, name: legalName(tool.name) })),
    turns: turns.map(turn => ({ ...turn, blocks: turn.blocks.map(named) })),
    ...(toolChoice?.names !== undefined && { toolChoice: { ...toolChoice, names: toolChoice.names.map(legalName) } }),
  }
}

/** An id of a call as OpenAI takes it: 40 characters at most. */
export function callId(id: string): string {
  return id.length <= LONGEST_ID ? id : `call_${digest(id).slice(0, 32)}`
}

/** An id for a call that came without one: `seed` tells answers apart, since ids have to differ over a conversation. */
export function newCallId(seed: string, choice: number, call: number): string {
  return `call_${digest(JSON.stringify([seed, choice, call])).slice(0, 24)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
