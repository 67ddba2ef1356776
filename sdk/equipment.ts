// What a processor may be handed at its setup: what turns texts into vectors, and where vectors are found again. Members of
// both are plugins (plugins/embedder, plugins/index); a processor names one in its options, as a config names its own.
import type { Static, TSchema } from 'typebox'
import type { VectorIndex } from './store.ts'

/** Turns texts into vectors: those of texts that mean nearly the same point in nearly the same direction. */
export interface Embedder {
  /** Name and version: vectors of two models have nothing to do with one another. */
  readonly model: string
  readonly dimensions: number
  /** One vector of length 1 for each text, in their order. Rejects where it cannot be asked, or has no room. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>
  close(): Promise<void>
}

/** An embedder as its file exports it by default. */
export interface EmbedderDefinition<O extends TSchema = TSchema> {
  readonly name: string
  readonly options?: O
  /** Makes it. What costs (a thread, a connection) waits for the first text. Throws a plain sentence where that cannot be. */
  open(options: Static<O>): Embedder
}

/** A member as a processor's options name it. */
export interface Member {
  readonly use: string
  readonly options?: Readonly<Record<string, unknown>>
}

/**
 * What the gateway lends to the processors of one config, and takes back when it lets go of that config. Rejects with a sentence
 * where there is no such member, or its options are wrong.
 */
export interface Equipment {
  /** Steps that ask for the same get the same one. */
  embedder(member: Member): Promise<Embedder>
  /** An index for vectors of that embedder. */
  index(member: Member, embedder: Embedder): Promise<VectorIndex>
}

/** Defines an embedder. An identity function for its types. */
export function defineEmbedder<O extends TSchema>(definition: EmbedderDefinition<O>): EmbedderDefinition<O> {
  return definition
}
