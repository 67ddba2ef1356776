// One finished request, as a test wants it. Used by the tests of the metrics.
import type { AccessRecord } from '../../../sdk/index.ts'

/** A record of a request that went well, with some of it replaced. */
export function recordOf(more: Partial<AccessRecord> = {}): AccessRecord {
  return {
    id: 'id', at: 0, epoch: 1, dialect: 'openai-chat', route: 'chat', consumer: 'research', provider: 'openai', model: 'gpt-5',
    status: 200, streamed: false, ending: 'complete', error: '', ms: 300, firstByteMs: 15, usage: undefined, cost: undefined,
    attempts: [], steps: [], uncovered: 0, stream: undefined, ...more,
  }
}

/** A step's record, with some of it replaced. */
export function stepOf(more: Partial<AccessRecord['steps'][number]> = {}): AccessRecord['steps'][number] {
  return {
    step: 'pii', version: '1', direction: 'request', mode: 'enforce', ran: 'inline', outcome: 'edit', reason: '', ms: 0.03,
    scanned: 100, skipped: 0, findings: {}, details: undefined, ...more,
  }
}
