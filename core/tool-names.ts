// Names of tools that every format takes, and the way back: what a client calls `crm.find/contact` is called otherwise where
// that is refused, and is itself again in the answer. A pure function of the name, so nothing has to be remembered. Used by
// translate.ts and translated.ts.
import type { Block, CanonicalEvent, CanonicalRequest } from '../sdk/index.ts'
import { legalName, withLegalNames } from './translation/openai-chat/identifier.ts'

/** The client's own names by the legal ones, where the two differ; undefined where they never do. */
export function renamed({ tools }: CanonicalRequest): ReadonlyMap<string, string> | undefined {
  const names = new Map(tools.map(({ name }) => [legalName(name), name] as const).filter(([legal, name]) => legal !== name))
  return names.size === 0 ? undefined : names
}

/** The request with every tool under a name that every format takes. */
export const legally = withLegalNames

/** A block with the client's own name for the tool that it calls. */
export function blockAsCalled(block: Block, names: ReadonlyMap<string, string>): Block {
  return block.kind === 'tool_call' ? { ...block, name: names.get(block.name) ?? block.name } : block
}

/** An event with the client's own name for the tool that it calls. */
export function eventAsCalled(event: CanonicalEvent, names: ReadonlyMap<string, string>): CanonicalEvent {
  return event.event === 'block' && event.kind === 'tool_call' ? { ...event, name: names.get(event.name) ?? event.name } : event
}
