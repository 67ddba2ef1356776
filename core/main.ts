#!/usr/bin/env node
// The entry of every process of the house: a worker where node:cluster forked it, else the command line.
import cluster from 'node:cluster'

if (cluster.isWorker) {
  const { runWorker } = await import('./worker.ts')
  runWorker()
} else {
  const { runCli } = await import('./cli.ts')
  process.exit(await runCli(process.argv.slice(2), { out: text => console.log(text), err: text => console.error(text) }))
}
