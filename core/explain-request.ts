// What would become of a request: it walks the house as it stands, from the door to where a connection would be asked for,
// and what it met is told. Nothing is sent. Called by `gatehouse explain`.
import { hash, randomBytes } from 'node:crypto'
import type { AccessRecord } from '../sdk/index.ts'
import type { Config } from '../config/config.ts'
import type { Loaded } from '../config/loader.ts'
import { Executors } from './executors.ts'
import { explanationOf, type Explanation, type Met } from './explanation.ts'
import { compileGateway } from './gateway.ts'
import { openLogger } from './logger.ts'
import { Rehearsal } from './rehearsal.ts'
import { openServer } from './server.ts'

/** A request to be explained. */
export interface Asked {
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Who is calling, by the name in the config; undefined where the headers say it, or nobody has to. */
  readonly consumer: string | undefined
}

/** Explains a request. Throws a ConfigError where the config would not start. */
export async function explainRequest({ config, problem }: Loaded, asked: Asked): Promise<Explanation> {
  const executors = new Executors()
  try {
    const openings = executors.openings(config)
    const compiled = await compileGateway(config, 1, problem, openings)
    const key = randomBytes(16).toString('hex')
    const rehearsal = new Rehearsal(compiled, rehearsed(config, asked, key), openings)
    const met = await ask(rehearsal, asked, key)
    await compiled.close()
    return explanationOf(rehearsal.journey, met)
  } finally {
    await executors.close()
  }
}

/** The config without what is not the request's own: nobody listens or keeps count, and no verdict is remembered. */
function rehearsed(config: Config, { consumer }: Asked, key: string): Config {
  return {
    ...config,
    plugins: [],
    log: { level: 'silent', access: false },
    limits: { ...config.limits, verdicts: 0 },
    // Nobody knows a consumer's key; whoever is named gets one for the occasion.
    consumers: config.consumers.map(one => one.name === consumer ? { ...one, keys: [{ sha256: hash('sha256', key) }] } : one),
  }
}

async function ask(rehearsal: Rehearsal, { path, headers, body, consumer }: Asked, key: string): Promise<Met> {
  const server = await openServer(rehearsal, openLogger('silent', {}, { write() {} }))
  const records: AccessRecord[] = []
  const settled = Promise.withResolvers<void>()
  server.settled(record => {
    records.push(record)
    settled.resolve()
  })
  try {
    const authorization = consumer === undefined ? {} : { authorization: `Bearer ${key}` }
    const reply = await server.app.inject({
      method: 'POST', url: path, payload: body, headers: { 'content-type': 'application/json', ...headers, ...authorization },
    })
    if (server.inFlight > 0) await settled.promise
    return { record: records[0], status: reply.statusCode, body: reply.body }
  } finally {
    await server.drain(0)
  }
}
