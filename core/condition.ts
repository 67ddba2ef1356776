// Conditions of routes and steps (`when:`), in CEL, the Common Expression Language. Parsed and type-checked when the
// config loads; evaluated per request. Called by gateway.ts, router.ts and chain.ts.
import { Environment } from '@marcbachmann/cel-js'
import type { Consumer } from '../sdk/index.ts'

/** What a condition can speak about. */
export interface Facts {
  readonly request: { readonly model: string; readonly stream: boolean; readonly path: string; readonly dialect: string }
  readonly consumer: Consumer
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, unknown>>
}

/** A compiled condition. */
export type Condition = (facts: Facts) => boolean

/** Longest condition accepted; macros nest, so length bounds the work. */
const LONGEST = 2000

/**
 * Compiles a condition. Throws an Error with a plain sentence where it does not parse or is no condition.
 *
 * `otherwise` is the answer where it fails while it runs, as it does for a tag or header that is not there: false for a
 * route (it does not match), true for a step (a guard never steps aside by accident).
 */
export function compileCondition(source: string, otherwise: boolean): Condition {
  if (source.length > LONGEST) throw new Error(`expected a condition of at most ${LONGEST} characters, got ${source.length}`)
  // The package runs `matches` on the backtracking engine, which a hostile header could hold for minutes.
  if (/\bmatches\s*\(/.test(source)) throw new Error('expected a condition without matches(); startsWith, endsWith and contains are linear')
  const program = environment().parse(source)
  const checked = program.check()
  if (!checked.valid) throw new Error(firstLine(checked.error?.message ?? 'expected a valid CEL condition'))
  if (checked.type !== 'bool') throw new Error(`expected a condition that is true or false, got one of type ${checked.type}`)
  return facts => {
    try {
      return program(facts as unknown as Record<string, unknown>) === true
    } catch {
      return otherwise
    }
  }
}

const environment = (): Environment => new Environment({ unlistedVariablesAreDyn: false })
  .registerVariable({ name: 'request', schema: { model: 'string', stream: 'bool', path: 'string', dialect: 'string' } })
  .registerVariable({ name: 'consumer', schema: { name: 'string', tags: 'map<string, string>' } })
  .registerVariable('headers', 'map<string, string>')

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text
