// What Claude signs, whoever serves it: Anthropic says that its signatures hold on every platform, so a turn that was begun
// on one is carried on at another. Used by the blocks of this format and of bedrock-converse/.
import type { Signature } from '../../../sdk/index.ts'

const SIGNER = 'anthropic-messages'

/** A signature as it came; undefined for none, which streams begin with. */
export function signed(value: unknown): Signature | undefined {
  return typeof value === 'string' && value !== '' ? { dialect: SIGNER, value } : undefined
}

/** The value of a signature that Claude can read; undefined for those of others. */
export function claudes(signature: Signature | undefined): string | undefined {
  return signature?.dialect === SIGNER ? signature.value : undefined
}
