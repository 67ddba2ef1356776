// What a worker and its pool's threads say to each other. Plain data: it is cloned on the way. Sent by threads.ts,
// obeyed by thread.ts.

/** A processor as each thread loads it and sets it up. */
export interface Registration {
  /** Under which calls name it; the same processor with other options is another. */
  readonly id: string
  /** The name of a shipped processor, or the absolute path of a file that the operator trusts. */
  readonly use: string
  /** Checked already. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a thread is told. */
export type Order =
  | { readonly do: 'set up'; readonly processor: Registration }
  | { readonly do: 'forget'; readonly id: string }
  | { readonly do: 'call'; readonly id: string; readonly method: string; readonly args: readonly unknown[] }

/** What became of an order. `failed` is a sentence without a subject, and without a word of the traffic. */
export type Outcome = { readonly result: unknown } | { readonly failed: string }
