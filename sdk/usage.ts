// Tokens of one exchange: inclusive totals with exclusive parts, whatever the provider's own way of counting is.

/**
 * Token counts. `input` and `output` are totals that include their parts: `input` includes what was read from or written
 * to the provider's prompt cache, `output` includes reasoning. Integers, never negative.
 */
export interface Usage {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
  /** `provider` where the provider reported it, `estimated` where the gateway counted. Never mixed up. */
  readonly source: 'provider' | 'estimated'
}
