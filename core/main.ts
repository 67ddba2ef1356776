#!/usr/bin/env node
// The entry of every process of the house: a worker where node:cluster forked it, else the command line.
import cluster from 'node:cluster'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Every process begins with what an earlier one has compiled. It is kept beside the code, where nobody writes who could not
// change the code itself; where nobody may write at all, each process compiles its own.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'))

if (cluster.isWorker) {
  const { runWorker } = await import('./worker.ts')
  runWorker()
} else {
  const { runCli } = await import('./cli.ts')
  process.exit(await runCli(process.argv.slice(2), { out: text => console.log(text), err: text => console.error(text) }))
}
