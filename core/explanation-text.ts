// An explanation for eyes: what was decided, line by line, and below it what each target would get. Called by
// cli/explain.ts.
import type { ModelFacts } from '../sdk/index.ts'
import type { ExplainedStep, ExplainedTarget, Explanation } from './explanation.ts'
import { indented } from './json-indent.ts'

/** Lines to print. */
export function printable(explanation: Explanation): string {
  const { model, dialect, consumer, passedOver, route, steps, uncovered, answeredBy, targets, mirror, refusal } = explanation
  const lines: string[] = []
  const named = model === '' ? '' : `model ${JSON.stringify(model)} `
  if (dialect !== '') lines.push(`request  ${named}in ${dialect}, from ${consumer}`)
  for (const { route: name, why } of passedOver) lines.push(`passed   route ${name}: ${why}`)
  if (route !== undefined) {
    const chain = route.chain === '' ? 'without a chain' : `chain ${route.chain}`
    lines.push(`taken    route ${route.name}, ${chain}${targets.length > 1 ? `, balance ${route.balance}` : ''}`)
  }
  for (const step of steps) lines.push(`step     ${stepLine(step)}`)
  if (uncovered > 0) lines.push(`unread   ${uncovered} characters that no step can read`)
  if (answeredBy !== undefined) lines.push(`answer   by the step ${answeredBy}; no target is asked`)
  if (refusal !== undefined) lines.push(`refused  ${refusal.status} ${refusal.code}: ${refusal.message}`)
  const asked = targets.some(({ request }) => request !== undefined)
  for (const target of asked ? targets : []) {
    lines.push(...targetLines('target', target, target.fallback ? 'fallback' : `weight ${target.weight}${priceOf(target)}`))
  }
  if (mirror?.request !== undefined) lines.push(...targetLines('mirror', mirror, `a share of ${mirror.weight}`))
  return lines.join('\n')
}

function stepLine({ step, kind, mode, ran, outcome, reason, places, scanned, skipped, findings }: ExplainedStep): string {
  const would = mode === 'shadow' && ['edit', 'respond', 'block'].includes(outcome) ? 'would ' : ''
  const parts = [`${would}${outcome}${reason === '' ? '' : `, ${reason}`}`]
  if (scanned > 0) {
    const where = places.map(({ origin, channel, characters }) =>
      places.length === 1 ? `${origin} ${channel}` : `${origin} ${channel} ${characters}`)
    parts.push(`read ${scanned} of ${scanned + skipped} characters${where.length === 0 ? '' : `: ${where.join(', ')}`}`)
  }
  for (const { type, count, actions } of findings) {
    parts.push(`found ${type} ${count}${actions.length === 0 ? '' : ` (${actions.join(', ')})`}`)
  }
  return `${step} (${kind}: ${mode}, ${ran}): ${parts.join('; ')}`
}

function wayOf(translatedTo: ExplainedTarget['translatedTo']): string {
  if (translatedTo === undefined) return 'cannot be asked in this dialect'
  return translatedTo === '' ? 'as it is' : `translated to ${translatedTo}`
}

function priceOf(target: ExplainedTarget): string {
  if (!('dollars' in target)) return ''
  return target.dollars === undefined ? ', no price known' : `, $${target.dollars} for 3000 tokens in and 1000 out`
}

function factsLine({ maxOutput, context, thinking }: ModelFacts): string {
  const known: string[] = []
  if (maxOutput !== undefined) known.push(`${maxOutput} tokens out at most`)
  if (context !== undefined) known.push(`${context} in all`)
  if (thinking !== undefined) known.push(thinking === 'none' ? 'does not think' : `told to think by ${THINKING[thinking]}`)
  return `known    ${known.length === 0 ? 'nothing of this model' : known.join(', ')}`
}

const THINKING = { budget: 'a number of tokens', effort: 'a word', adaptive: 'itself' } as const

function targetLines(label: string, target: ExplainedTarget, role: string): string[] {
  const { provider, use, model, translatedTo, warnings, facts, signed, request } = target
  const asked = model === undefined ? provider : `${provider} as ${model}`
  const lines = ['', `${label}   ${asked} (${use}, ${role}): ${wayOf(translatedTo)}`]
  if (translatedTo) lines.push(factsLine(facts))
  for (const warning of warnings) lines.push(`warning  ${warning}`)
  if (request === undefined) return [...lines, 'request  none: it was not asked']
  const { method, url, headers, body } = request
  const heads = headers.map(([name, value]) => `${name}: ${value}`)
  if (signed) heads.push('(and what signs it when it is sent)')
  return [...lines, '', `${method} ${url}`, ...heads, ...(body === '' ? [] : ['', indented(body)])]
}
