// The one error class and the one table of codes. core/server.ts turns these into replies, in the client's dialect;
// nothing else in the house builds an error reply.

/** What each code means on the wire. `type` is the word that OpenAI-shaped errors carry in `error.type`. */
export interface ErrorKind {
  readonly status: number
  /** True where the same request may succeed a moment later; becomes `x-should-retry` for official clients. */
  readonly retryable: boolean
  readonly type: 'invalid_request_error' | 'authentication_error' | 'permission_error' | 'not_found_error' | 'rate_limit_error' | 'insufficient_quota' | 'api_error'
}

const kind = (status: number, type: ErrorKind['type'], retryable = false): ErrorKind => ({ status, retryable, type })

/** Every code that Gatehouse can answer with. A code is stable: clients and alerts may match on it. */
export const ERRORS = {
  invalid_json: kind(400, 'invalid_request_error'),
  invalid_body: kind(400, 'invalid_request_error'),
  invalid_header: kind(400, 'invalid_request_error'),
  uncovered_text: kind(400, 'invalid_request_error'),
  untranslatable: kind(400, 'invalid_request_error'),
  blocked: kind(400, 'invalid_request_error'),
  invalid_key: kind(401, 'authentication_error'),
  budget_exhausted: kind(402, 'insufficient_quota'),
  forbidden: kind(403, 'permission_error'),
  unknown_path: kind(404, 'not_found_error'),
  model_not_found: kind(404, 'not_found_error'),
  method_not_allowed: kind(405, 'invalid_request_error'),
  request_timeout: kind(408, 'invalid_request_error'),
  body_too_large: kind(413, 'invalid_request_error'),
  rate_limited: kind(429, 'rate_limit_error', true),
  quota_exceeded: kind(429, 'insufficient_quota'),
  headers_too_large: kind(431, 'invalid_request_error'),
  client_closed: kind(499, 'api_error'),
  internal: kind(500, 'api_error'),
  step_failed: kind(500, 'api_error'),
  step_timeout: kind(503, 'api_error', true),
  step_overload: kind(503, 'api_error', true),
  upstream_refused: kind(502, 'api_error', true),
  upstream_closed: kind(502, 'api_error', true),
  upstream_invalid: kind(502, 'api_error'),
  upstream_error: kind(502, 'api_error', true),
  upstream_encoding: kind(502, 'api_error'),
  draining: kind(503, 'api_error', true),
  unavailable: kind(503, 'api_error', true),
  upstream_timeout: kind(504, 'api_error', true),
  deadline: kind(504, 'api_error', true),
} as const satisfies Record<string, ErrorKind>

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS

/**
 * The error of the house. `message` is one sentence for the caller: what was expected, what came, and where; it MUST
 * NOT contain a secret or a piece of a prompt, since it reaches logs and clients alike.
 *
 * @example
 * throw new GatehouseError('model_not_found', 'No route serves the model "gpt-5x"; did you mean "gpt-5"?', { param: 'model' })
 */
export class GatehouseError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryable: boolean
  /** The request field at fault, where there is one. */
  readonly param: string | null
  /** Seconds after which another try may go better, where somebody knows. */
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, more: { param?: string; status?: number; retryAfter?: number; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'GatehouseError'
    this.code = code
    this.status = more.status ?? ERRORS[code].status
    this.retryable = ERRORS[code].retryable
    this.param = more.param ?? null
    this.retryAfter = more.retryAfter
  }

  /** The error itself where it is one of ours, else `internal` with a sentence that gives nothing away. */
  static from(error: unknown): GatehouseError {
    if (error instanceof GatehouseError) return error
    return new GatehouseError('internal', 'The gateway failed inside; the request id tells its operators where.', { cause: error })
  }
}
