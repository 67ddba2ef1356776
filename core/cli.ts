// The command line: finds the command, reads its arguments, prints help. Called by core/main.ts; the commands are in
// core/cli/, one file each.
import { parseArgs } from 'node:util'
import { didYouMean } from '../config/suggest.ts'
import about from '../package.json' with { type: 'json' }
import { check } from './cli/check.ts'
import { processor } from './cli/processor.ts'
import { start } from './cli/start.ts'

/** Where a command writes: results to stdout, problems to stderr. Each call is a line or several. */
export interface Printer {
  out(text: string): void
  err(text: string): void
}

/** What a command was given. */
export interface Given {
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly operands: readonly string[]
}

/** A command of `gatehouse`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string
  /** How it is written, without the program's name: `start [--config FILE]`. */
  readonly usage: string
  /** What else there is to know, in lines of at most 80 characters. */
  readonly help: string
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string }>>
  /** Names of the operands, all of which have to be given. */
  readonly operands: readonly string[]
  /** Resolves with the exit code: 0 where it went well, 1 where it did not. */
  run(given: Given, print: Printer): Promise<number>
}

const COMMANDS: Readonly<Record<string, Command>> = { start, check, processor }
const USAGE_ERROR = 2

/** Runs the command line. Resolves with the exit code: that of the command, or 2 where there is none to run. */
export async function runCli(args: readonly string[], print: Printer): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined) {
    print.err(help())
    return USAGE_ERROR
  }
  if (name === '--help' || name === '-h') return printed(print, help())
  if (name === '--version' || name === '-v') return printed(print, about.version)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    return misused(print, `there is no command ${JSON.stringify(name)}`, name, Object.keys(COMMANDS), 'gatehouse --help')
  }
  if (rest.includes('--help') || rest.includes('-h')) return printed(print, helpOf(command))

  const given = read(command, rest)
  if (typeof given !== 'string') return command.run(given, print)
  return misused(print, given, rest.find(arg => arg.startsWith('-')) ?? '', optionsOf(command), `gatehouse ${name} --help`)
}

/** The arguments of a command, or a sentence that says what is wrong with them. */
function read(command: Command, args: string[]): Given | string {
  try {
    const { values, positionals } = parseArgs({ args, options: command.options, allowPositionals: true })
    if (positionals.length === command.operands.length) return { options: values, operands: positionals }
    const got = positionals.map(each => JSON.stringify(each)).join(' ') || 'nothing'
    return `expected ${command.operands.join(' ') || 'options only'}, got ${got}`
  } catch (error) {
    // Node adds hints for programmers after the first sentence.
    return (error as Error).message.split('. ')[0]!.toLowerCase()
  }
}

function help(): string {
  const lines = Object.values(COMMANDS).map(({ usage, summary }) => `  gatehouse ${usage.padEnd(38)} ${summary}`)
  const more = 'More on a command: gatehouse COMMAND --help; the version: gatehouse --version'
  return [about.description, '', ...lines, '', more].join('\n')
}

const helpOf = (command: Command): string => `Usage: gatehouse ${command.usage}\n\n${command.summary}\n${command.help}`

const optionsOf = (command: Command): string[] => [...Object.keys(command.options), 'help'].map(option => `--${option}`)

function printed(print: Printer, text: string): number {
  print.out(text)
  return 0
}

function misused(print: Printer, problem: string, word: string, words: readonly string[], more: string): number {
  const hint = didYouMean(word, words)
  print.err(`gatehouse: ${problem}${hint === '' ? '' : `; ${hint}`}\nSee ${more}.`)
  return USAGE_ERROR
}
