// The fake model provider as a program of its own, started by bench/main.ts: `node bench/upstream.ts PORT`. Streams a
// frame per beat where the body asks for a stream, else answers whole; in Anthropic's shape on its path.
import { createServer, type ServerResponse } from 'node:http'
import { ANSWER, ANTHROPIC_ANSWER, ANTHROPIC_FRAMES, ANTHROPIC_PATH, FRAMES, PACE } from './answer.ts'

// A frame a beat, so that each reaches the proxy on its own, as from a real model.
function stream(response: ServerResponse, frames: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let next = 0
  const beat = setInterval(() => {
    response.write(frames[next])
    next += 1
    if (next < frames.length) return
    clearInterval(beat)
    response.end()
  }, PACE)
  response.on('close', () => clearInterval(beat))
}

createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const [whole, frames] = request.url === ANTHROPIC_PATH ? [ANTHROPIC_ANSWER, ANTHROPIC_FRAMES] : [ANSWER, FRAMES]
    if (Buffer.concat(pieces).includes('"stream":true')) stream(response, frames)
    else response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
