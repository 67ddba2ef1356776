// `gatehouse explain`: what would become of a request, from the route that it takes to the bytes that each target would
// get, without sending anything.
import { resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { didYouMean, oneOf } from '../../config/suggest.ts'
import { readText, UnreadableFile } from '../../config/text-file.ts'
import type { Command, Given } from '../cli.ts'
import { printable } from '../explanation-text.ts'

const USAGE_ERROR = 2

/** The command. */
export const explain: Command = {
  summary: 'Tells what would become of a request.',
  usage: 'explain CONFIG REQUEST [--json]',
  help: `
  REQUEST                   A file with the JSON body of a request; - for stdin.
  --path PATH               Where it is posted to. Default: /v1/chat/completions.
  --consumer NAME           Who is calling, as if with a key of theirs.
  --header 'NAME: VALUE'    A header of the request; as often as needed.
  --json                    Prints an object instead.

Prints the routes that do not take the request and the one that does, what each
step is shown and finds, and each target with the request that it would get.
Steps are really run, with all that they do; nothing is sent to a target. What a
connection adds (keys, mostly) is printed as ***, and what a step takes out of
the request not at all. Exit code 0 where the request would be sent or a step
answers it, 1 where it would be refused or blocked, 2 where it or the config is
unusable.`,
  options: {
    path: { type: 'string' }, consumer: { type: 'string' }, header: { type: 'string', multiple: true }, json: { type: 'boolean' },
  },
  operands: ['CONFIG', 'REQUEST'],
  async run({ options, operands: [file = '', request = ''] }, print) {
    try {
      const path = pathOf(options['path'])
      const headers = headersOf(options['header'])
      const { loadConfig } = await import('../../config/loader.ts')
      const loaded = await loadConfig(resolve(file))
      const consumer = consumerOf(options['consumer'], loaded.config)
      const body = await bodyOf(request, loaded.config.limits.body)
      const { explainRequest } = await import('../explain-request.ts')
      const explanation = await explainRequest(loaded, { path, headers, body, consumer })
      if (explanation.refusal?.status === 401) print.err('gatehouse: --consumer NAME asks as somebody whom the config names')
      print.out(options['json'] === true ? JSON.stringify(explanation, null, 2) : printable(explanation))
      return explanation.refusal === undefined ? 0 : 1
    } catch (error) {
      print.err(`gatehouse: ${(error as Error).message}`)
      return USAGE_ERROR
    }
  },
}

function pathOf(path: Given['options'][string] = '/v1/chat/completions'): string {
  if (typeof path === 'string' && /^\/[!-~]*$/.test(path)) return path
  throw new Error('expected --path to be a path, from its first slash')
}

/** Names are tokens of RFC 9110, section 5.6.2. */
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t -~]*)$/

function headersOf(given: Given['options'][string] = []): Record<string, string> {
  return Object.fromEntries((given as readonly string[]).map(line => {
    const [, name, value] = HEADER.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error("expected --header 'NAME: VALUE'")
    return [name.toLowerCase(), value]
  }))
}

function consumerOf(name: Given['options'][string], { consumers }: Config): string | undefined {
  const names = consumers.map(consumer => consumer.name)
  if (typeof name !== 'string' || names.includes(name)) return name as string | undefined
  if (names.length === 0) throw new Error('expected no --consumer, since the config names none')
  const hint = didYouMean(name, names)
  throw new Error(`expected --consumer to be ${oneOf(names)}; got ${JSON.stringify(name)}${hint === '' ? '' : `; ${hint}`}`)
}

async function bodyOf(file: string, limit: number): Promise<string> {
  if (file === '-') return readAll(process.stdin, limit)
  try {
    return await readText(resolve(file), limit)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    throw new Error(`expected a file with the body of a request, got ${error.message}`, { cause: error })
  }
}

/** The text of a stream of at most `most` bytes. */
export async function readAll(stream: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > most) throw new Error(`expected the body of a request, got more than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
