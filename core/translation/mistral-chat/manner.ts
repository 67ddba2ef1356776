// Mistral's ways within the family of Chat Completions. Used by everything in this folder.
import { createHash } from 'node:crypto'
import type { MediaBlock } from '../../../sdk/index.ts'
import { partOf, urlOf } from '../openai-chat/content.ts'
import type { Manner } from '../openai-chat/manner.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 9

/** An id of a call as Mistral takes it: nine letters and digits. Others are hashed, so that a result finds its call. */
export function callId(id: string): string {
  if (/^[\dA-Za-z]{9}$/.test(id)) return id
  const bytes = createHash('sha256').update(id).digest().subarray(0, LENGTH)
  return Array.from(bytes, byte => DIGITS[byte % DIGITS.length]).join('')
}

function mistralPart(block: MediaBlock): object | undefined {
  const { kind, media, name } = block
  if (kind === 'image') return partOf(block)
  if (media.at === 'id') {
    return kind === 'file' && media.dialect === MISTRAL.dialect ? { type: 'file', file_id: media.id } : undefined
  }
  if (kind === 'audio') return { type: 'input_audio', input_audio: media.at === 'url' ? media.url : media.base64 }
  return { type: 'document_url', document_url: urlOf(media), ...(name !== undefined && { document_name: name }) }
}

/** How Mistral speaks. It refuses every field that it does not know. */
export const MISTRAL: Manner = {
  dialect: 'mistral-chat', callId, partOf: mistralPart,
  thoughts: 'parts', refusals: 'text', results: 'parts', names: false, replies: true, cites: false, usage: 'always',
}
