// Rules from a file in the format of gitleaks (its config.toml, version 8). What a text has no use for is left out: paths and
// commits. What would change what the rules say, and is not known here, is refused by name. Called by ../secrets.ts.
import { parse, TomlError } from 'smol-toml'
import { type Allow, type Recipe, Rule } from './rule.ts'

type Table = Readonly<Record<string, unknown>>

const TOP = ['title', 'description', 'minVersion', 'rules', 'allowlist', 'allowlists']
const RULE = [
  'id', 'description', 'regex', 'secretGroup', 'entropy', 'keywords', 'path', 'tags', 'allowlist', 'allowlists', 'skipReport',
]
const ALLOWLIST = ['id', 'description', 'condition', 'commits', 'paths', 'regexTarget', 'regexes', 'stopwords', 'targetRules']

/** As gitleaks itself: where another rule finds the same, that one says what it is. */
const GENERIC_SCORE = 0.5

/** The rules of a file that look at text. Throws a plain sentence that names the rule where something cannot be done. */
export function readRules(source: string): Rule[] {
  const file = parseToml(source)
  known(file, TOP)
  const everywhere = allowlistsOf(file)
  const rules = tablesOf(file, 'rules').flatMap((table, index) => {
    const id = typeof table['id'] === 'string' && table['id'] !== '' ? table['id'] : `number ${index + 1}`
    try {
      const recipe = recipeOf(id, table, everywhere)
      return recipe === undefined ? [] : [new Rule(recipe)]
    } catch (error) {
      throw new Error(`the rule ${id}: ${(error as Error).message}`, { cause: error })
    }
  })
  if (rules.length === 0) throw new Error('expected rules that look at text, got none')
  return rules
}

function parseToml(source: string): Table {
  try {
    return parse(source)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new Error(`expected the rules to be TOML, got something else in line ${error.line}`, { cause: error })
  }
}

/** Undefined for a rule about names of files, and for one that only serves others. */
function recipeOf(id: string, table: Table, everywhere: readonly Table[]): Recipe | undefined {
  known(table, RULE)
  const pattern = textOf(table, 'regex')
  if (pattern === undefined || table['skipReport'] === true) return undefined
  const shared = everywhere.filter(one => one['targetRules'] === undefined || textsOf(one, 'targetRules').includes(id))
  return {
    type: typeOf(id),
    pattern,
    keywords: textsOf(table, 'keywords'),
    group: numberOf(table, 'secretGroup'),
    entropy: numberOf(table, 'entropy'),
    score: id.startsWith('generic') ? GENERIC_SCORE : 1,
    allow: [...allowlistsOf(table), ...shared].flatMap(allowOf),
  }
}

/** The id as a type of finding. */
function typeOf(id: string): string {
  const name = id.toLowerCase().replaceAll(/[^a-z0-9_.-]/g, '-').slice(0, 50)
  return /^[a-z]/.test(name) ? name : `secret-${name}`
}

function allowlistsOf(table: Table): Table[] {
  return [...tablesOf(table, 'allowlist'), ...tablesOf(table, 'allowlists')]
}

function allowOf(table: Table): Allow[] {
  known(table, ALLOWLIST)
  const condition = textOf(table, 'condition')?.toUpperCase() ?? 'OR'
  if (!['OR', '||', 'AND', '&&'].includes(condition)) throw new Error('expected the condition of an allowlist to be OR or AND')
  const all = condition === 'AND' || condition === '&&'
  // A text has neither name nor history, so an allowlist that insists on one never holds.
  if (all && (table['paths'] !== undefined || table['commits'] !== undefined)) return []
  const target = textOf(table, 'regexTarget') ?? 'secret'
  if (target !== 'secret' && target !== 'match' && target !== 'line') throw new Error('expected regexTarget to be match or line')
  const [patterns, words] = [textsOf(table, 'regexes'), textsOf(table, 'stopwords')]
  return [{ patterns, words, target, both: all && words.length > 0 }]
}

function known(table: Table, names: readonly string[]): void {
  const other = Object.keys(table).find(name => !names.includes(name))
  if (other !== undefined) throw new Error(`expected ${names.join(', ')}, got ${other}`)
}

function textOf(table: Table, name: string): string | undefined {
  const value = table[name]
  if (value !== undefined && typeof value !== 'string') throw new Error(`expected ${name} to be a text`)
  return value
}

function textsOf(table: Table, name: string): string[] {
  const value = table[name] ?? []
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
  throw new Error(`expected ${name} to be a list of texts`)
}

function numberOf(table: Table, name: string): number {
  const value = table[name] ?? 0
  if (typeof value !== 'number' || !(value >= 0)) throw new Error(`expected ${name} to be a number`)
  return value
}

function tablesOf(table: Table, name: string): Table[] {
  const value = table[name] ?? []
  const tables: unknown[] = Array.isArray(value) ? value : [value]
  if (tables.every(one => typeof one === 'object' && one !== null && !Array.isArray(one))) return tables as Table[]
  throw new Error(`expected ${name} to be tables`)
}
