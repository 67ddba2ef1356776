// What proves a thought, in the one field that Responses has for it: `encrypted_content`. OpenAI's own stays as it is, with
// the id that belongs to it; what other vendors signed travels to the client and back under a seal of ours.
import type { ReasoningBlock, Signature } from '../../../sdk/index.ts'
import { textOf } from '../openai-chat/content.ts'

/** Of this translation. */
export const DIALECT = 'openai-responses'

const SEAL = 'gatehouse:'

/** What a reasoning item proves: a thought that is shown, one that only its maker reads, or the call with an id. */
export interface Proof {
  readonly of: 'thought' | 'hidden' | { readonly call: string }
  readonly signature: Signature
}

/** The field of an item for a proof. */
export function sealed({ of, signature }: Proof): string {
  if (signature.dialect === DIALECT) return ownOf(signature).content
  const told = [signature.dialect, signature.value, typeof of === 'string' ? of : '', typeof of === 'string' ? '' : of.call]
  return SEAL + Buffer.from(JSON.stringify(told)).toString('base64url')
}

/** The proof in a reasoning item; undefined where there is none. */
export function proofIn({ id, encrypted_content }: Readonly<Record<string, unknown>>): Proof | undefined {
  const content = textOf(encrypted_content)
  if (content === '') return undefined
  return unsealed(content) ?? { of: 'thought', signature: { dialect: DIALECT, value: JSON.stringify([textOf(id), content]) } }
}

function unsealed(content: string): Proof | undefined {
  if (!content.startsWith(SEAL)) return undefined
  try {
    const told: unknown = JSON.parse(Buffer.from(content.slice(SEAL.length), 'base64url').toString())
    const [dialect, value, of, call] = (Array.isArray(told) ? told : []).map(textOf)
    if (dialect === undefined || value === undefined) return undefined
    return { of: call ? { call } : of === 'hidden' ? 'hidden' : 'thought', signature: { dialect, value } }
  } catch {
    return undefined
  }
}

/** The id and the content of OpenAI's own proof. */
export function ownOf({ value }: Signature): { readonly id: string; readonly content: string } {
  try {
    const told: unknown = JSON.parse(value)
    const [id = '', content = ''] = (Array.isArray(told) ? told : []).map(textOf)
    return { id, content }
  } catch {
    return { id: '', content: '' }
  }
}

/** The thought with its proof. OpenAI's own, without anything to read, is one that only its maker reads. */
export function thoughtOf(text: string, proof: Proof | undefined): ReasoningBlock {
  if (proof === undefined) return { kind: 'reasoning', text }
  const { of, signature } = proof
  const hidden = of === 'hidden' || (text === '' && signature.dialect === DIALECT)
  return hidden ? { kind: 'reasoning', text: '', redacted: signature } : { kind: 'reasoning', text, signature }
}
