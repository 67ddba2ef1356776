// Turns of a conversation and what they are made of, in few words. Used by the tests of writers of requests.
import type { Block, Turn } from '../../../sdk/index.ts'

export const user = (...blocks: Block[]): Turn => ({ role: 'user', blocks })
export const assistant = (...blocks: Block[]): Turn => ({ role: 'assistant', blocks })
export const text = (said: string, cache?: '5m' | '1h'): Block & { kind: 'text' } => ({ kind: 'text', text: said, ...(cache && { cache }) })
export const call = (id: string, args = '{}', name = 'f'): Block => ({ kind: 'tool_call', id, name, args })
export const result = (id: string, ...blocks: (Block & { kind: 'text' | 'image' })[]): Block =>
  ({ kind: 'tool_result', id, name: '', blocks, failed: false })
