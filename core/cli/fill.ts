// `gatehouse index`: reads the documents of a folder into what the steps of a config look things up in. Which steps do that,
// and how, is theirs to say.
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, relative, resolve, sep } from 'node:path'
import type { Config, StepConfig } from '../../config/config.ts'
import type { Command, Printer } from '../cli.ts'
import type { Executor } from '../executor.ts'

/** Bytes of a document; a book is less. */
const LARGEST = 8 * 2 ** 20
const KINDS: ReadonlySet<string> = new Set(['.md', '.markdown', '.txt'])
/** Milliseconds for one document. */
const TIMEOUT = 600_000

/** The command. */
export const fill: Command = {
  summary: 'Reads a folder of documents for the steps that look things up.',
  usage: 'index DIR [--config FILE] [--chain NAME]',
  help: `
Reads every .md, .markdown and .txt file in DIR and below (not in folders whose
names begin with a dot, and none of more than 8 MB), and hands it to the steps
of the config that look things up, such as retrieve. Run it again after files
have changed: what is the same stays, what is gone goes. A gateway that keeps
its passages in a file reads them when it starts or reloads.

  --config FILE   Default: gateway.yaml.
  --chain NAME    Only for the steps of this chain.`,
  options: { config: { type: 'string' }, chain: { type: 'string' } },
  operands: ['DIR'],
  async run({ options, operands: [folder = ''] }, print) {
    const { loadConfig } = await import('../../config/loader.ts')
    const { Executors } = await import('../executors.ts')
    const executors = new Executors()
    try {
      const { config } = await loadConfig(resolve(typeof options['config'] === 'string' ? options['config'] : 'gateway.yaml'))
      const openings = executors.openings(config)
      const steps = stepsOf(config, options['chain'])
      const takers: Executor[] = []
      for (const step of steps) {
        const { executor, methods } = await (await openings.find(step)).open(step.options)
        if (methods.includes('take')) takers.push(executor)
      }
      if (takers.length === 0) throw new Error('expected a chain with a step that takes documents, as retrieve does')
      for (const taker of takers) await takeAll(taker, resolve(folder), print)
      const [failure] = await openings.close()
      if (failure !== undefined) throw failure
      return 0
    } catch (error) {
      print.err((error as Error).message)
      return 1
    } finally {
      await executors.close()
    }
  },
}

/** Steps of the house or trusted, of one chain or all: each once. */
function stepsOf({ chains }: Config, chain: unknown): StepConfig[] {
  const wanted = Object.entries(chains).filter(([name]) => chain === undefined || name === chain)
  const steps = wanted.flatMap(([, { request }]) => request).filter(({ mode, run }) => mode !== 'off' && run === 'inline')
  return [...new Map(steps.map(step => [JSON.stringify([step.use, step.options]), step])).values()]
}

async function takeAll(taker: Executor, folder: string, print: Printer): Promise<void> {
  const sum = { files: 0, passages: 0, added: 0, removed: 0 }
  const paths: string[] = []
  for await (const file of filesIn(folder)) {
    const path = relative(folder, file).split(sep).join('/')
    paths.push(path)
    const taken = await taker.call('take', [{ path, text: await readFile(file, 'utf8') }], TIMEOUT) as Omit<typeof sum, 'files'>
    sum.files++
    for (const name of ['passages', 'added', 'removed'] as const) sum[name] += taken[name]
    print.err(`${path}: ${taken.passages} passages, ${taken.added} new`)
  }
  sum.removed += await taker.call('keep', [paths], TIMEOUT) as number
  print.out(`${sum.files} files, ${sum.passages} passages: ${sum.added} new, ${sum.removed} removed`)
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* filesIn(path)
    else if (entry.isFile() && KINDS.has(extname(path).toLowerCase()) && (await stat(path)).size <= LARGEST) yield path
  }
}
