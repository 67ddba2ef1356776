// Where Claude's prompt cache keeps what it has read: at most four marks, and none that lives longer than one before it.
// Called by write-request.ts, here and in bedrock-converse/.
import type { CacheMark, CanonicalRequest, Warning } from '../../../sdk/index.ts'

const MARKS = 4

/** The marks that are written, by the tool or block that carries them. */
export type Marks = ReadonlyMap<object, CacheMark>

/** Decides over a request's marks in the order of the cache: tools, then the turns. The last ones keep the longest prefixes. */
export function cacheMarks(request: CanonicalRequest, warnings: Warning[]): Marks {
  const carriers = [
    ...request.tools.map((tool, i) => ({ carrier: tool, cache: tool.cache, field: `tools[${i}].cache` })),
    ...request.turns.flatMap(({ blocks }, i) => blocks.map((block, j) => (
      { carrier: block, cache: 'cache' in block ? block.cache : undefined, field: `turns[${i}].blocks[${j}].cache` }))),
  ].filter(({ cache }) => cache !== undefined)
  const marks = new Map<object, CacheMark>()
  let short = false
  for (const [i, { carrier, cache, field }] of carriers.entries()) {
    if (i < carriers.length - MARKS) {
      warnings.push({ field, action: 'dropped', why: `this provider takes ${MARKS} cache marks, and keeps the last` })
    } else if (cache === '1h' && short) {
      warnings.push({ field, action: 'approximated', why: 'no mark may live longer than one before it' })
      marks.set(carrier, '5m')
    } else {
      marks.set(carrier, cache!)
      short ||= cache === '5m'
    }
  }
  return marks
}
