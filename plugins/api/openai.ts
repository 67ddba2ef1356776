// The OpenAI API as applications call it: the paths below /v1. Chat, responses, completions, embeddings and moderations
// are read by the house; the list of models is its own; every other path passes by unread where a route allows it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatehouseError, definePlugin } from 'gatehouse/sdk'
import type { DataPlane } from 'gatehouse/sdk'

/** The paths that the house reads, and the dialect that each of them speaks. */
const DIALECT_OF_PATH: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/responses': 'openai-responses',
  '/v1/completions': 'openai-completions',
  '/v1/embeddings': 'openai-embeddings',
  '/v1/moderations': 'openai-moderations',
}

/**
 * What an unread path may look like: plain segments, none of them empty, `.` or `..`, nothing percent-encoded. A route
 * decides by the path, so no server behind us may read another path out of it.
 */
const PLAIN = /^\/v1(?:\/(?!\.{1,2}(?:\/|$))[\w.~:@,=+-]+)+$/

const EMPTY = Buffer.alloc(0)

export default definePlugin({
  name: 'openai',

  data(app, house) {
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(['application/json', '*'], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      for (const [path, dialect] of Object.entries(DIALECT_OF_PATH)) {
        scope.post(path, (request, reply) => {
          request.body ??= EMPTY
          house.proxy(request, reply, dialect)
        })
        refuseOtherMethods(scope, house, path, ['POST'], dialect)
      }
      listModels(scope, house)
    })
    app.register(async scope => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
      passUnread(scope, house)
    })
  },
})

const modelObject = (id: string): object => ({ id, object: 'model', created: 0, owned_by: 'gatehouse' })

function listModels(scope: FastifyInstance, house: DataPlane): void {
  const method = ['GET', 'HEAD']

  scope.route({
    method,
    url: '/v1/models',
    handler: (request, reply) => reply.send({ object: 'list', data: house.models(request.consumer).map(modelObject) }),
  })
  refuseOtherMethods(scope, house, '/v1/models', method, 'openai-raw')

  // A wildcard, since names of models hold slashes.
  scope.route<{ Params: { '*': string } }>({
    method,
    url: '/v1/models/*',
    handler(request, reply) {
      const name = request.params['*']
      if (house.models(request.consumer).includes(name)) return reply.send(modelObject(name))
      const problem = 'Expected the name of a model that is served here; GET /v1/models lists them.'
      house.refuse(reply, new GatehouseError('model_not_found', problem, { param: 'model' }), 'openai-raw')
    },
  })
  // What is posted there is Google's: `/v1/models/MODEL:generateContent`.
  refuseOtherMethods(scope, house, '/v1/models/*', method, 'openai-raw', ['POST'])
}

function passUnread(scope: FastifyInstance, house: DataPlane): void {
  scope.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/v1/*',
    exposeHeadRoute: false,
    handler(request, reply) {
      const [path = ''] = request.url.split('?', 1)
      // A server that ignores case would serve a path that is read here, had it been spelt right.
      const known = path.toLowerCase()
      if (PLAIN.test(path) && !Object.hasOwn(DIALECT_OF_PATH, known) && !known.startsWith('/v1/models/')) {
        return void house.proxy(request, reply, 'openai-raw', request.url.slice('/v1'.length))
      }
      reply.header('connection', 'close')
      const problem = 'Expected a path of the OpenAI API, plainly spelt; this one is none.'
      house.refuse(reply, new GatehouseError('unknown_path', problem), 'openai-raw')
    },
  })
}

function refuseOtherMethods(
  scope: FastifyInstance, house: DataPlane, url: string, allowed: string[], dialect: string, elsewhere: readonly string[] = [],
): void {
  scope.route({
    method: scope.supportedMethods.filter(method => !allowed.includes(method) && !elsewhere.includes(method)),
    url,
    handler(request: FastifyRequest, reply: FastifyReply) {
      const problem = `Expected ${allowed.join(' or ')} on this path; got ${request.method}.`
      house.refuse(reply.header('allow', allowed.join(', ')), new GatehouseError('method_not_allowed', problem), dialect)
    },
  })
}
