// One line per finished request: who, what, where, how long. No prompt, no key, no value. Called by server.ts.
import type { AccessRecord } from '../sdk/index.ts'
import type { Logger } from './logger.ts'

/** A listener that writes records to the log. */
export function accessLog(log: Logger): (record: AccessRecord) => void {
  return record => {
    log.info({
      id: record.id, epoch: record.epoch, route: record.route, consumer: record.consumer, dialect: record.dialect,
      provider: record.provider, model: record.model, status: record.status, ending: record.ending, error: record.error || undefined,
      ms: rounded(record.ms), firstByteMs: rounded(record.firstByteMs), attempts: record.attempts.length,
      input: record.usage?.input, output: record.usage?.output, dollars: record.cost?.dollars,
      steps: record.steps.length === 0 ? undefined : record.steps.map(step => `${step.step}:${step.outcome}`).join(' '),
    }, 'request')
  }
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10
