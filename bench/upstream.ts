// The fake model provider as a program of its own, started by bench/main.ts: `node bench/upstream.ts PORT`. Streams a
// frame per beat where the body asks for a stream, else answers whole.
import { createServer, type ServerResponse } from 'node:http'
import { ANSWER, FRAMES, PACE } from './answer.ts'

// A frame a beat, so that each reaches the proxy on its own, as from a real model.
function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let next = 0
  const beat = setInterval(() => {
    response.write(FRAMES[next])
    next += 1
    if (next < FRAMES.length) return
    clearInterval(beat)
    response.end()
  }, PACE)
  response.on('close', () => clearInterval(beat))
}

createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    if (Buffer.concat(pieces).includes('"stream":true')) stream(response)
    else response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
