// Tokens of one exchange: inclusive totals with exclusive parts, whatever the provider's own way of counting is.

/**
 * Token counts. `input` and `output` are totals that include their parts: `input` includes what was read from or written
 * to the provider's prompt cache, `output` includes reasoning. What is left of `input` without these two is fresh.
 * Integers, never negative. A part that is absent is 0, or unknown and then counted as text.
 */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Of `cacheWrite`, what is kept for an hour instead of the provider's few minutes. */
  readonly cacheWriteHour?: number
  readonly reasoning: number
  /** Of `input`, sound and pictures, those from the cache included. */
  readonly inputAudio?: number
  readonly inputImage?: number
  /** Of `cacheRead`, sound and pictures. */
  readonly cacheReadAudio?: number
  readonly cacheReadImage?: number
  /** Of `output`, sound and pictures. */
  readonly outputAudio?: number
  readonly outputImage?: number
  /** What is paid for instead of `input` and `output`, where the provider bills other counts than it used (Cohere). */
  readonly billedInput?: number
  readonly billedOutput?: number
  /**
   * True where the provider says that it bills these tokens at other rates than those of its list (another tier of service), or
   * something beside them (searches).
   */
  readonly offList?: true
  /** `provider` where the provider reported it, `estimated` where the gateway counted. Never mixed up. */
  readonly source: 'provider' | 'estimated'
}
