// One line per finished request: who, what, where, how long. No prompt, no key, no value. Called by server.ts.
import type { AccessRecord } from '../sdk/index.ts'
import type { Logger } from './logger.ts'

/** A listener that writes records to the log. */
export function accessLog(log: Logger): (record: AccessRecord) => void {
  return record => log.line(`${fieldsOf(record)},"msg":"request"`)
}

/** The record's fields as JSON. What a config or a client chose is quoted; ids, codes and numbers are the house's own. */
function fieldsOf(record: AccessRecord): string {
  const { error, usage, cost, steps } = record
  let fields = `,"id":"${record.id}","epoch":${record.epoch},"route":${quoted(record.route)},"consumer":${quoted(record.consumer)}`
    + `,"dialect":"${record.dialect}","provider":${quoted(record.provider)},"model":${quoted(record.model)}`
    + `,"status":${record.status},"ending":"${record.ending}"`
  if (error !== '') fields += `,"error":"${error}"`
  fields += `,"ms":${rounded(record.ms)},"firstByteMs":${rounded(record.firstByteMs)},"attempts":${record.attempts.length}`
  if (usage !== undefined) fields += `,"input":${usage.input},"output":${usage.output}`
  if (cost !== undefined) fields += `,"dollars":${cost.dollars}`
  if (steps.length > 0) fields += `,"steps":${quoted(steps.map(step => `${step.step}:${step.outcome}`).join(' '))}`
  return fields
}

const quoted = (text: string): string => JSON.stringify(text)
const rounded = (ms: number): number => Math.round(ms * 10) / 10
