// The matrix of who can speak to whom: for every dialect that clients speak, how a target is reached. Computed when the
// config loads, so that a pair without a way is an error of the config and never of a request. Used by gateway.ts.
import type { EmbeddingClient, EmbeddingTranslation, Translation } from '../sdk/index.ts'
import { dialectNames, embeddingNames, loadEmbedding, loadTranslation, translationNames } from './registry.ts'

/** The target speaks the client's dialect: bytes pass as they are. */
export interface AsItIs {
  readonly translates: false
  /** Reads the errors of that dialect; undefined for one that nobody translates. */
  readonly spoken: Translation | undefined
}

/** What a client says becomes the target's dialect, and its answers the client's again. */
export interface Translating {
  readonly translates: true
  readonly embeds?: never
  /** What the client speaks. */
  readonly client: Translation
  /** What the target speaks. */
  readonly target: Translation
}

/** The same for embeddings, which have formats of their own. */
export interface Embedding {
  readonly translates: true
  readonly embeds: true
  readonly client: EmbeddingClient
  readonly target: EmbeddingTranslation
}

/** How a target is reached. */
export type Way = AsItIs | Translating | Embedding

/** By the client's dialect. */
export type Ways = ReadonlyMap<string, Way>

/** The ways to a target that speaks some dialects; a translation is into the first of them that can be translated. */
export async function waysTo(dialects: readonly string[]): Promise<Ways> {
  const translatable = new Set(translationNames())
  const load = async (name: string | undefined): Promise<Translation | undefined> =>
    name !== undefined && translatable.has(name) ? loadTranslation(name) : undefined
  const target = await load(dialects.find(name => translatable.has(name)))
  const formats = embeddingNames()
  const embedding = dialects.find(name => formats.includes(name))
  const ways = new Map<string, Way>()
  for (const name of dialectNames()) {
    const client = await load(name)
    if (dialects.includes(name)) ways.set(name, { translates: false, spoken: client })
    else if (client !== undefined && target !== undefined) ways.set(name, { translates: true, client, target })
    else if (embedding !== undefined && formats.includes(name)) {
      const { client: embedder } = await loadEmbedding(name)
      const format = await loadEmbedding(embedding)
      if (embedder !== undefined) ways.set(name, { translates: true, embeds: true, client: embedder, target: format })
    }
  }
  return ways
}
