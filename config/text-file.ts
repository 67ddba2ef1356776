// Reads a text file of bounded length, and says in words why one cannot be read. Called for the config itself and for
// the files that it refers to.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** A file that cannot be used. The message is a noun phrase that says what is there instead: `no such file`. */
export class UnreadableFile extends Error {}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'a file that may not be read',
  EPERM: 'a file that may not be read',
  ELOOP: 'links that lead in a circle',
}

/** The text of a regular file of at most `most` bytes, as UTF-8. Throws UnreadableFile, and nothing else. */
export async function readText(path: string, most: number): Promise<string> {
  try {
    // Without blocking: a pipe that nobody writes to would otherwise hold the start up for good.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = await file.stat()
    if (status.isDirectory()) throw new UnreadableFile('a folder')
    if (!status.isFile()) throw new UnreadableFile('something that is not a regular file')
    // The size is not believed: it is 0 for files that the system makes up, and a file may grow under our eyes.
    const bytes = Buffer.allocUnsafe(most + 1)
    let filled = 0
    for (let read = -1; read !== 0 && filled <= most; filled += read) {
      read = (await file.read(bytes, filled, bytes.length - filled)).bytesRead
    }
    if (filled > most) throw new UnreadableFile(`more than ${most} bytes`)
    return decode(bytes.subarray(0, filled))
  } catch (error) {
    if (error instanceof UnreadableFile) throw error
    const { code = '' } = error as NodeJS.ErrnoException
    throw new UnreadableFile(REASONS[code] ?? `a file that cannot be read (${code})`, { cause: error })
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UnreadableFile('bytes that are not UTF-8 text')
  }
}
