// A process that writes what it is sent into a spool. Forked by ../spool.test.ts, which kills it.
import { SpoolWriter } from '../../../core/spool.ts'

const writer = new SpoolWriter(process.argv[2]!, 64 * 1024 * 1024)
process.on('message', (lines: readonly string[]) => {
  for (const line of lines) writer.add(line)
  writer.flush()
  process.send!('written')
})
process.send!('ready')
