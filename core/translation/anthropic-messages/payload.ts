// The payload of a frame as JSON. Called by stream-reader.ts, here and in bedrock-converse/.
import { GatehouseError } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'

/** The members of a frame's payload. Throws `upstream_invalid` for what is no JSON, without quoting it as JSON.parse does. */
export function parsePayload(payload: string): Readonly<Record<string, unknown>> {
  try {
    return members(JSON.parse(payload))
  } catch {
    throw new GatehouseError('upstream_invalid', 'Expected JSON in every frame from the upstream.')
  }
}

/** What should be text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
