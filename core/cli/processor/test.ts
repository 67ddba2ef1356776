// `gatehouse processor test`: runs the conformance kit on a processor and prints what it found.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError } from '../../../config/problem.ts'
import type { Command, Given } from '../../cli.ts'
import { printable } from '../../conformance/table.ts'

const USAGE_ERROR = 2

/** The command. */
export const test: Command = {
  summary: 'Tests a processor: every dialect, whole and streamed.',
  usage: 'processor test FILE [--options JSON] [--quick]',
  help: `
  FILE             The processor's file, or the name of one that comes with the
                   house. It is run with all the rights of this process.
  --options JSON   Its options, as they would stand in the config: '{"a":1}'.
  --quick          A fraction of the streams, no long lines: while you write.

The file may export \`samples\` beside its processor: texts in which it should find
something, which are then cut in many places. The rows of the table:
  results     every call returns, and what it returns is well-formed
  untouched   what passes leaves as the bytes that it came in
  repeat      the same body gives the same result, whatever came between
  samples     every sample is found
  limits      findings keep to what \`stream\` and \`undecided\` declare
  streams     a stream gives the text that the whole answer would have given
  time        lines of a million characters take linear time
Exit code 0 where all of it holds, 1 where something fails, 2 where the processor
or its options do not load. A call that never returns is waited for without end.`,
  options: { options: { type: 'string' }, quick: { type: 'boolean' } },
  operands: ['FILE'],
  async run({ options, operands: [file = ''] }, print) {
    try {
      const use = isName(file) ? file : resolve(file)
      const samples = isName(file) ? [] : await samplesOf(use)
      const given = { options: readOptions(options['options']), samples, quick: options['quick'] === true }
      const { testProcessor } = await import('../../conformance/kit.ts')
      const result = await testProcessor(use, given)
      print.out(printable(result))
      return result.ok ? 0 : 1
    } catch (error) {
      print.err(`gatehouse: ${messageOf(error)}`)
      return USAGE_ERROR
    }
  },
}

/** A bare word is the name of a shipped processor, unless a file is called so. */
function isName(file: string): boolean {
  return /^[\w-]+$/.test(file) && !existsSync(file)
}

function readOptions(json: Given['options'][string]): Record<string, unknown> {
  if (typeof json !== 'string') return {}
  const expected = 'expected --options to be a JSON object'
  let options: unknown
  try {
    options = JSON.parse(json)
  } catch (error) {
    throw new Error(`${expected}: ${(error as Error).message}`, { cause: error })
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw new Error(expected)
  return options as Record<string, unknown>
}

async function samplesOf(file: string): Promise<string[]> {
  const { samples = [] } = await import(pathToFileURL(file).href) as { samples?: unknown }
  if (Array.isArray(samples) && samples.every(sample => typeof sample === 'string' && sample !== '')) return samples as string[]
  throw new Error('expected `samples` of the file to be a list of texts that are not empty')
}

/** Problems of the config that the kit wrote, without the place in a file that nobody sees. */
function messageOf(error: unknown): string {
  if (!(error instanceof ConfigError)) return error instanceof Error ? error.message : String(error)
  return error.problems.map(({ path, expected, got, message }) => {
    const place = path.replace('/chains/tested/0', '')
    return [`${place} expected ${expected}`.trim(), `got ${got}`, message].filter(Boolean).join('; ')
  }).join('\n')
}
