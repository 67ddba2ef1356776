// Names of tools that every format takes, and the way back: what a client calls `crm.find/contact` is called otherwise where
// that is refused, and is itself again in the answer. A pure function of the name, so nothing has to be remembered. Used by
// translate.ts and translated.ts, and by the writers of requests.
import { createHash } from 'node:crypto'
import type { Block, CanonicalEvent, CanonicalRequest } from '../sdk/index.ts'

const LONGEST_NAME = 64

/**
 * A tool's name as OpenAI, Mistral and most of their kin take it: 64 of letters, digits, `_` and `-`. Another name keeps
 * what it can, and gets eight characters of its hash so that no two become one. Legal names stay as they are.
 */
export function legalName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name
  return `${name.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME - 9)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
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

/** The client's own names by the legal ones, where the two differ; undefined where they never do. */
export function renamed({ tools }: CanonicalRequest): ReadonlyMap<string, string> | undefined {
  const names = new Map(tools.map(({ name }) => [legalName(name), name] as const).filter(([legal, name]) => legal !== name))
  return names.size === 0 ? undefined : names
}

/** A block with the client's own name for the tool that it calls. */
export function blockAsCalled(block: Block, names: ReadonlyMap<string, string>): Block {
  return block.kind === 'tool_call' ? { ...block, name: names.get(block.name) ?? block.name } : block
}

/** An event with the client's own name for the tool that it calls. */
export function eventAsCalled(event: CanonicalEvent, names: ReadonlyMap<string, string>): CanonicalEvent {
  return event.event === 'block' && event.kind === 'tool_call' ? { ...event, name: names.get(event.name) ?? event.name } : event
}
