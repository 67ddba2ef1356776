// An answer from Fastify as the gateway sets it up, and from nothing else: the floor for what a gateway on Fastify answers by
// itself. Started by bench/main.ts: `node bench/fastify-answer.ts PORT`.
import Fastify from 'fastify'
import { ANSWER } from './answer.ts'

const app = Fastify({ logger: false })
app.removeAllContentTypeParsers()
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
app.post('/v1/chat/completions', (_request, reply) => {
  reply.header('content-type', 'application/json').send(Buffer.from(ANSWER))
})
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
