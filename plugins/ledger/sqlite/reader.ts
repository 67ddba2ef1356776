// Runs one query in a thread of its own, on a connection that can only read: however long it takes, the supervisor goes on.
// Loaded by piscina for ../sqlite.ts.
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'

/** What to ask which file. */
export interface Question {
  readonly file: string
  readonly text: string
  readonly values: readonly (string | number)[]
}

/** The rows; integers come as bigints, so that none is rounded. */
export default function read({ file, text, values }: Question): Record<string, SQLOutputValue>[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    const statement = database.prepare(text)
    statement.setReadBigInts(true)
    return statement.all(...values)
  } finally {
    database.close()
  }
}
