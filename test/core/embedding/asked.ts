// Requests for embeddings in the canonical form, and what comes of writing them. Used by the tests of the formats.
import assert from 'node:assert/strict'
import { GatehouseError, type EmbeddingRequest, type EmbeddingTranslation } from '../../../sdk/index.ts'

/** A request of two texts. */
export const asking = (more: Partial<EmbeddingRequest> = {}): EmbeddingRequest =>
  ({ model: 'm', inputs: ['x', 'y'], alone: false, encoding: 'float', rest: { dialect: 'other', fields: {} }, ...more })

/** The body that is written, and the fields that were not carried over as they are. */
export function written({ writeRequest }: EmbeddingTranslation, request: EmbeddingRequest): { body: unknown; warned: string[] } {
  const { body, warnings } = writeRequest(request)
  return { body: JSON.parse(body), warned: warnings.map(({ field, action }) => `${field} ${action}`) }
}

/** What is refused by name. */
export function refuses({ writeRequest }: EmbeddingTranslation, request: EmbeddingRequest, param: string): void {
  assert.throws(() => writeRequest(request), error => error instanceof GatehouseError && error.code === 'untranslatable' && error.param === param)
}

/** Usage of so many tokens. */
export const used = (input: number): object => ({ input, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' })
