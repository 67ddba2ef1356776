// The floor: the least that a Node proxy can do, node:http in front of undici. Every figure of the bench is a ratio to it.
// A program of its own, started by bench/peer.ts: `node bench/bare-proxy.ts PORT UPSTREAM`.
import { createServer, type ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'

const [port = '', upstream = ''] = process.argv.slice(2)
const pool = new Pool(upstream, { connections: 64, pipelining: 1 })

/** Writes a whole answer in one go, and a stream piece by piece. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  readonly #held: Buffer[] = []
  #type = ''
  #status = 0
  #streams = false

  constructor(response: ServerResponse) {
    this.#response = response
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Readonly<Record<string, unknown>>): void {
    this.#status = status
    this.#type = String(headers['content-type'])
    this.#streams = this.#type.startsWith('text/event-stream')
    if (this.#streams) this.#response.writeHead(status, { 'content-type': this.#type })
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#streams) this.#response.write(piece)
    else this.#held.push(piece)
  }

  onResponseEnd(): void {
    if (this.#streams) {
      this.#response.end()
      return
    }
    const body = whole(this.#held)
    this.#response.writeHead(this.#status, { 'content-type': this.#type, 'content-length': body.length })
    this.#response.end(body)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#response.headersSent) this.#response.destroy(error)
    else this.#response.writeHead(502).end(error.message)
  }
}

const whole = (pieces: readonly Buffer[]): Buffer => (pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces))

createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const body = whole(pieces)
    const headers = ['content-type', 'application/json', 'authorization', 'Bearer bench', 'content-length', String(body.length)]
    pool.dispatch({ path: request.url ?? '/', method: 'POST', headers, body }, new Relay(response))
  })
}).listen(Number(port), '127.0.0.1')
