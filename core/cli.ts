// The command line: finds the command, reads its arguments, prints help. Called by core/main.ts; the commands are in
// core/cli/, one file each, those of a group in its folder; each loads what it stands on when it runs, so that none waits
// for another's.
import { parseArgs } from 'node:util'
import { didYouMean } from '../config/suggest.ts'
import about from '../package.json' with { type: 'json' }
import { audit } from './cli/audit.ts'
import { check } from './cli/check.ts'
import { explain } from './cli/explain.ts'
import { fill } from './cli/fill.ts'
import { processor } from './cli/processor.ts'
import { settle } from './cli/settle.ts'
import { start } from './cli/start.ts'
import { usage } from './cli/usage.ts'

/** Where a command writes: results to stdout, problems to stderr. Each call is a line or several. */
export interface Printer {
  out(text: string): void
  err(text: string): void
}

/** What a command was given. */
export interface Given {
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
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
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly short?: string; readonly multiple?: boolean }>>
  /** Names of the operands, all of which have to be given. */
  readonly operands: readonly string[]
  /** Resolves with the exit code: 0 where it went well, 1 where it did not, 2 where what it was given makes no sense. */
  run(given: Given, print: Printer): Promise<number>
}

/** Commands that begin with the same word. */
export interface CommandGroup {
  /** What they are about, in one sentence. */
  readonly summary: string
  /** By the word that follows. */
  readonly commands: Readonly<Record<string, Command | CommandGroup>>
}

const GATEHOUSE: CommandGroup = { summary: about.description, commands: { start, check, explain, processor, index: fill, usage, audit, settle } }
const USAGE_ERROR = 2

/** Runs the command line. Resolves with the exit code: that of the command, or 2 where there is none to run. */
export async function runCli(args: readonly string[], print: Printer): Promise<number> {
  if (args[0] === '--version' || args[0] === '-v') return printed(print, about.version)
  return runGroup('gatehouse', GATEHOUSE, args, print)
}

/** Runs the command that the arguments name; `words` are those that led to the group. */
async function runGroup(words: string, group: CommandGroup, args: readonly string[], print: Printer): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined) {
    print.err(helpOfGroup(words, group))
    return USAGE_ERROR
  }
  if (isHelp(name)) return printed(print, helpOfGroup(words, group))
  const { commands } = group
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    return misused(print, `there is no command ${JSON.stringify(name)}`, name, Object.keys(commands), `${words} --help`)
  }
  if ('commands' in command) return runGroup(`${words} ${name}`, command, rest, print)
  if (rest.some(isHelp)) return printed(print, helpOf(command))

  const given = read(command, rest)
  if (typeof given !== 'string') return command.run(given, print)
  return misused(print, given, rest.find(arg => arg.startsWith('-')) ?? '', optionsOf(command), `${words} ${name} --help`)
}

const isHelp = (arg: string): boolean => arg === '--help' || arg === '-h'

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

function helpOfGroup(words: string, group: CommandGroup): string {
  const lines = commandsOf(group).map(command => `  gatehouse ${command.usage.padEnd(38)} ${command.summary}`)
  const version = group === GATEHOUSE ? '; the version: gatehouse --version' : ''
  return [group.summary, '', ...lines, '', `More on a command: ${words} COMMAND --help${version}`].join('\n')
}

const commandsOf = ({ commands }: CommandGroup): Command[] =>
  Object.values(commands).flatMap(command => ('commands' in command ? commandsOf(command) : [command]))

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
