// Settles attempts that were lost by the records of their provider, which alone knows what came of them: a file of records, and
// the ledger of a config, whether or not a gateway runs with it. Called by core/cli/settle.ts.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { ConfigError, type Problem } from '../config/problem.ts'
import { didYouMean, oneOf } from '../config/suggest.ts'
import { PriceBook } from '../sdk/index.ts'
import { connectAll } from './providers.ts'
import { recordsIn } from './settlement/record.ts'
import { Settler } from './settlement/settler.ts'
import { usageShapes } from './settlement/usage-shape.ts'
import { Troubles } from './troubles.ts'
import { withLedger } from './with-ledger.ts'

/** What to settle by. */
export interface SettleOptions {
  readonly config: string
  /** The format that all usage is told in; undefined for that of each attempt's provider. */
  readonly dialect: string | undefined
  /** Who does it, for the audit chain. */
  readonly actor: string
}

/** Settles by a file of records. Rejects with the problems of the config, or a sentence on the file, the format or the ledger. */
export async function settleFile(path: string, { config, dialect, actor }: SettleOptions): Promise<Settler> {
  const shapes = usageShapes()
  if (dialect !== undefined && !shapes.includes(dialect)) {
    const hint = didYouMean(dialect, shapes)
    throw new Error(`expected --dialect to be ${oneOf(shapes)}${hint === '' ? '' : `; ${hint}`}`)
  }
  await using file = await openRecords(path)
  return await withLedger(config, async (ledger, loaded) => {
    const problems: Problem[] = []
    const providers = await connectAll(loaded.config, new Troubles(), (...fault) => { problems.push(loaded.problem(...fault)) })
    if (problems.length > 0) throw new ConfigError(problems)
    const { config: { prices: own, providers: named } } = loaded
    const prices = new PriceBook(own, await import('@pydantic/genai-prices'), Object.keys(named))
    const account = { actor, subject: await hashOf(piecesOf(file)) }
    const settler = new Settler({ ledger, prices, providers, format: dialect, account })
    for await (const portion of recordsIn(piecesOf(file))) await settler.settle(portion)
    return settler
  })
}

/** A regular file: it is read twice, once for its hash. */
async function openRecords(path: string): Promise<FileHandle> {
  let file: FileHandle | undefined
  try {
    // Without blocking: a pipe that nobody writes to would otherwise be waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if ((await file.stat()).isFile()) return file
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`expected a file of records; ${path} cannot be read (${code})`, { cause: error })
  }
  await file.close()
  throw new Error(`expected a file of records; ${path} is no regular file`)
}

const piecesOf = (file: FileHandle): AsyncIterable<Buffer> => file.createReadStream({ start: 0, autoClose: false })

/** SHA-256 of all pieces, as 64 hex digits. */
async function hashOf(pieces: AsyncIterable<Buffer>): Promise<string> {
  const sum = createHash('sha256')
  for await (const piece of pieces) sum.update(piece)
  return sum.digest('hex')
}
