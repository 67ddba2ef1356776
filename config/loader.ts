// From the file that an operator wrote to the config that the house uses, or to everything that is wrong with it.
// Called by the supervisor at start and on every reload, and by the command line.
import { dirname } from 'node:path'
import type { Config } from './config.ts'
import { findConflicts, findWarnings } from './consistency.ts'
import { asWritten, normalise } from './normalise.ts'
import { ConfigError, isSecret, type Fault, type Problem } from './problem.ts'
import { resolveReferences } from './reference.ts'
import { configSchema, type Written } from './schema.ts'
import { LONGEST_SOURCE, readSource, type Place } from './source.ts'
import { readText, UnreadableFile } from './text-file.ts'
import { validator } from './validator.ts'

/** A config that holds together, as far as this folder can tell. */
export interface Loaded {
  readonly config: Config
  /** What is allowed but worth a second look: sentences for the log. */
  readonly warnings: readonly string[]
  /**
   * The place of a value, by a pointer into what the operator wrote or into `config`; for one that leads nowhere, the
   * place of the nearest value above it.
   */
  locate(pointer: string): Place
  /**
   * Something wrong that only a later stage could see. `expected` and `got` are noun phrases, `got` as it is to be
   * printed: it is hidden where the value is a secret or came in through a reference. `message` may say how to mend it.
   */
  problem(pointer: string, expected: string, got: string, message?: string): Problem
}

type Environment = Readonly<Record<string, string | undefined>>

const check = validator(configSchema)

/** Reads and checks a config file. Throws a ConfigError with every problem found, and nothing else. */
export async function loadConfig(file: string, env: Environment = process.env): Promise<Loaded> {
  try {
    return await parseConfig(await readText(file, LONGEST_SOURCE), { file, env })
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    throw new ConfigError([{ file, path: '', line: 0, column: 0, expected: 'a config file', got: error.message, message: '' }])
  }
}

/** Checks the text of a config, YAML or JSON; `file` names it, and relative paths in it start at that file's folder. */
export async function parseConfig(source: string, options: { file: string; env?: Environment }): Promise<Loaded> {
  const { file, env = process.env } = options
  const { value: written, locate: locateWritten } = readSource(source, file)
  const folder = dirname(file)
  const { value, hidden, faults } = await resolveReferences(written, { env, folder })
  const locate = (pointer: string): Place => locateWritten(asWritten(pointer, value))
  const place = ({ pointer, ...fault }: Fault): Problem =>
    ({ file, path: asWritten(pointer, value), ...locate(pointer), ...fault })
  const placeHidden = (fault: Fault): Problem => {
    const problem = place(fault)
    const isHidden = isSecret(problem.path) || isAtOrBelow(problem.path, hidden)
    return isHidden && problem.got !== 'nothing' ? { ...problem, got: '(hidden)' } : problem
  }

  // A reference that leads nowhere leaves an empty text behind, so that the rest can still be checked.
  const missing = faults.map(place)
  const misfits = check(value).map(withHelp).map(placeHidden)
  if (misfits.length > 0) throw failure([...missing, ...misfits])
  const config = normalise(value as Written, folder)
  const conflicts = findConflicts(config).map(placeHidden)
  if (missing.length + conflicts.length > 0) throw failure([...missing, ...conflicts])
  return {
    config,
    warnings: findWarnings(config),
    locate,
    problem: (pointer, expected, got, message = '') => placeHidden({ pointer, expected, got, message }),
  }
}

/** What most often stands in place of a hash is the key itself. */
function withHelp(fault: Fault): Fault {
  if (!/^\/consumers\/\d+\/keys(?:\/|$)/.test(fault.pointer)) return fault
  return { ...fault, message: 'to hash a key: printf %s "$KEY" | sha256sum' }
}

function isAtOrBelow(pointer: string, hidden: ReadonlySet<string>): boolean {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (hidden.has(at)) return true
  return false
}

/** In the order of the text, and of each value only what was found first: the rest follows from it. */
function failure(problems: readonly Problem[]): ConfigError {
  const first = [...Map.groupBy(problems, ({ path }) => path).values()].map(([problem]) => problem!)
  return new ConfigError(first.toSorted((a, b) => a.line - b.line || a.column - b.column))
}
