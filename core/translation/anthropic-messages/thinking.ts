// How Claude is told to think: by a budget (older models), by a word, or by itself with a word (newer ones). Called by
// write-request.ts, here and in bedrock-converse/.
import type { CanonicalRequest, ModelFacts, Thinking, Warning } from '../../../sdk/index.ts'
import { claudes } from './signature.ts'

type Effort = NonNullable<Thinking['effort']>

/** Tokens that a word stands for, where a model counts them. */
const BUDGET: Readonly<Record<Exclude<Effort, 'none'>, number>> = {
  minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 24_576, max: 32_000,
}
/** Words that every model knows which takes words; a word that it does not know is refused. */
const WORD: Readonly<Record<Exclude<Effort, 'none'>, string>> = {
  minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'high', max: 'max',
}
const LEAST = 1024

/** What is told. */
export interface ToldThinking {
  readonly thinking?: Readonly<Record<string, unknown>>
  readonly effort?: string
}

/** Decides how to tell it. Everything that stands in the way of thinking is stronger than the wish for it. */
export function thinkingFor(request: CanonicalRequest, facts: ModelFacts, maxTokens: number, warnings: Warning[]): ToldThinking {
  const asked = request.thinking
  if (asked === undefined || asked.effort === 'none') return {}
  const ways = facts.thinking ?? (asked.budget === undefined ? 'adaptive' : 'budget')
  const drop = (why: string): ToldThinking => {
    warnings.push({ field: 'thinking', action: 'dropped', why })
    return {}
  }
  if (ways === 'none') return drop('this model does not think aloud')
  if (ways === 'effort') return { effort: wordFor(asked, warnings) ?? 'medium' }
  const forced = request.tools.length > 0 && request.toolChoice?.mode === 'required'
  if (forced) return drop('this provider cannot think where a tool is forced')
  if (ways === 'adaptive') {
    const effort = wordFor(asked, warnings)
    return {
      thinking: { type: 'adaptive', ...(asked.shown !== undefined && { display: asked.shown ? 'summarized' : 'omitted' }) },
      ...(effort !== undefined && { effort }),
    }
  }
  if (callsUnthought(request)) return drop('the call before was not thought over by this provider')
  const wished = asked.budget ?? BUDGET[asked.effort ?? 'medium']
  const budget = Math.min(Math.max(wished, LEAST), maxTokens - 1)
  if (budget < LEAST) return drop('there is no room for thoughts within maxOutput')
  if (budget !== wished) warnings.push({ field: 'thinking.budget', action: 'approximated', why: 'it has to fit into maxOutput' })
  return { thinking: { type: 'enabled', budget_tokens: budget } }
}

function wordFor({ effort, budget }: Thinking, warnings: Warning[]): string | undefined {
  if (effort !== undefined && effort !== 'none') {
    const word = WORD[effort]
    if (word !== effort) warnings.push({ field: 'thinking.effort', action: 'approximated', why: 'few models know the word' })
    return word
  }
  if (budget === undefined) return undefined
  warnings.push({ field: 'thinking.budget', action: 'approximated', why: 'this model is told by a word' })
  return budget <= BUDGET.low ? 'low' : budget <= BUDGET.medium ? 'medium' : 'high'
}

/** True where the last turn of the assistant called a tool and does not begin with a thought that Claude can read. */
function callsUnthought({ turns }: CanonicalRequest): boolean {
  const blocks = turns.findLast(({ role }) => role === 'assistant')?.blocks ?? []
  const first = blocks.find(block => block.kind !== 'reasoning' || claudes(block.signature ?? block.redacted) !== undefined)
  return first?.kind !== 'reasoning' && blocks.some(({ kind }) => kind === 'tool_call')
}
