// How long a client waits for the first text of a stream. Called by bench/measure.ts.
import { request } from 'node:http'
import { median } from './quantile.ts'
import type { Load, Server } from './server.ts'

const STREAMS = 9

/** Median milliseconds from a request to the first piece of text, one stream at a time; each is left as soon as it speaks. */
export async function firstText(load: Load, server: Server, signal: AbortSignal): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < STREAMS; i++) times.push(await one(load, server, signal))
  return median(times)
}

function one(load: Load, server: Server, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const call = request(server.origin + load.path, { method: 'POST', headers: load.headers, signal, agent: false }, answer => {
      let heard = ''
      answer.setEncoding('utf8').on('data', (piece: string) => {
        heard += piece
        if (!/"content":"[^"]/.test(heard)) return
        resolve(performance.now() - began)
        call.destroy()
      })
      answer.on('end', () => reject(new Error(`${server.name} ended a stream without a word`)))
    })
    call.on('error', reject).end(load.body)
  })
}
