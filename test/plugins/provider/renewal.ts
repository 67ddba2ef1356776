// What holds for every provider whose calls carry a token of a short life. Used by the tests of these providers.
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text as read } from 'node:stream/consumers'
import { describe, test, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { withToken } from '../../../core/token.ts'
import { open } from '../../../core/upstream.ts'
import type { Connection } from '../../../sdk/index.ts'
import { fails, GET, serve, text, TIMEOUTS, upstreams } from '../../core/calling.ts'

type Headers = readonly string[]

/** A token endpoint that answers when it is told to. */
export class Endpoint {
  /** The forms that were sent, as they came. */
  readonly forms: string[] = []
  readonly paths: (string | undefined)[] = []
  reply: (response: ServerResponse, nth: number) => void = (response, nth) => { response.end(JSON.stringify(token(nth))) }
  #asked = Promise.withResolvers<void>()

  static async start(): Promise<{ endpoint: Endpoint; url: string }> {
    const endpoint = new Endpoint()
    const port = await serve((request, response) => void endpoint.#take(request, response))
    return { endpoint, url: `http://127.0.0.1:${port}` }
  }

  /** Resolves when the next form is there. */
  asked(): Promise<void> {
    this.#asked = Promise.withResolvers()
    return this.#asked.promise
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.forms.push(await read(request))
    this.paths.push(request.url)
    this.#asked.resolve()
    this.reply(response, this.forms.length)
  }
}

const token = (nth: number): object => ({ access_token: `token-${nth}`, token_type: 'Bearer', expires_in: 3600 })
const bearer = (nth: number): Headers => ['authorization', `Bearer token-${nth}`]

const signed = (connection: Connection) => connection.sign!({ method: 'POST', path: '/', headers: [], body: undefined })

/** Waits, turn by turn of the loop, until what is signed is that token. */
async function until(connection: Connection, nth: number): Promise<void> {
  for (let turns = 0; turns < 10_000; turns++) {
    const headers = signed(connection)
    if (!(headers instanceof Promise) && headers[1] === bearer(nth)[1]) return
    await turn()
  }
  assert.fail(`no token-${nth} came`)
}

/** Declares the laws. `connect` is told where tokens come from; its settings must hold the word `secret` only where one is. */
export function keepsItsToken(connect: (tokens: string) => Connection): void {
  const begin = async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
    const { endpoint, url } = await Endpoint.start()
    return { endpoint, connection: withToken(connect(url)), pass: (seconds: number) => { t.mock.timers.tick(seconds * 1000) } }
  }

  describe('a token of a short life', () => {
    test('is asked for once by however many calls, and then there at once', async t => {
      const { endpoint, connection } = await begin(t)
      assert.equal(endpoint.forms.length, 0)
      const all = await Promise.all(Array.from({ length: 50 }, () => signed(connection)))
      for (const headers of all) assert.deepEqual(headers, bearer(1))
      assert.deepEqual(signed(connection), bearer(1))
      assert.equal(endpoint.forms.length, 1)
    })

    test('is renewed ahead of its end, and no call waits for that', async t => {
      const { endpoint, connection, pass } = await begin(t)
      await signed(connection)
      pass(2_600)
      assert.deepEqual(signed(connection), bearer(1))
      assert.equal(endpoint.forms.length, 1)
      pass(200)
      const asked = endpoint.asked()
      for (let i = 0; i < 10; i++) assert.deepEqual(signed(connection), bearer(1))
      await asked
      await until(connection, 2)
      assert.equal(endpoint.forms.length, 2)
    })

    test('is waited for where the last one has ended', async t => {
      const { endpoint, connection, pass } = await begin(t)
      await signed(connection)
      pass(3_580)
      const both = [signed(connection), signed(connection)]
      for (const headers of both) assert.ok(headers instanceof Promise)
      assert.deepEqual(await Promise.all(both), [bearer(2), bearer(2)])
      assert.equal(endpoint.forms.length, 2)
    })

    test('serves on while it cannot be renewed, and not beyond its end', async t => {
      const { endpoint, connection, pass } = await begin(t)
      await signed(connection)
      endpoint.reply = response => { response.writeHead(503).end() }
      pass(3_000)
      const asked = endpoint.asked()
      assert.deepEqual(signed(connection), bearer(1))
      await asked
      pass(580)
      await assert.rejects(async () => signed(connection))
    })

    const replies: readonly { what: string; reply: (response: ServerResponse) => void }[] = [
      { what: 'refuses, and quotes what it was sent', reply: response => { response.writeHead(401).end('{"error":"secret"}') } },
      { what: 'says a token under an error', reply: response => { response.writeHead(500).end(JSON.stringify(token(1))) } },
      { what: 'says what is no JSON', reply: response => { response.end('secret{') } },
      { what: 'says null', reply: response => { response.end('null') } },
      { what: 'says no token', reply: response => { response.end('{"expires_in":3600}') } },
      { what: 'says a token for no time', reply: response => { response.end('{"access_token":"secret","expires_in":0}') } },
      { what: 'says a token for nobody knows how long', reply: response => { response.end('{"access_token":"secret"}') } },
      { what: 'says a token with a line break', reply: response => { response.end('{"access_token":"a\\n","expires_in":9}') } },
      { what: 'never ends', reply: response => { response.end(`${' '.repeat(70_000)}${JSON.stringify(token(1))}`) } },
      { what: 'hangs up', reply: response => { response.destroy() } },
    ]
    for (const { what, reply } of replies) {
      test(`fails the call where the endpoint ${what}; it is left alone for a second, and then asked again`, async t => {
        const { endpoint, connection, pass } = await begin(t)
        endpoint.reply = reply
        const all = [signed(connection), signed(connection)]
        for (const headers of all) await assert.rejects(async () => headers, plain)
        await assert.rejects(async () => signed(connection), plain)
        assert.equal(endpoint.forms.length, 1)
        endpoint.reply = (response, nth) => { response.end(JSON.stringify({ ...token(nth), expires_in: '3600' })) }
        pass(1)
        assert.deepEqual(await signed(connection), bearer(2))
      })
    }

    test('fails the call where the endpoint says nothing in time', async t => {
      const patience = new AbortController()
      t.mock.method(AbortSignal, 'timeout', (time: number) => {
        assert.ok(time <= 10_000)
        return patience.signal
      })
      const { endpoint, connection } = await begin(t)
      endpoint.reply = () => { patience.abort(new Error('secret')) }
      await assert.rejects(async () => signed(connection), plain)
    })

    test('goes with the call; a call without one never leaves', async () => {
      const { endpoint, url } = await Endpoint.start()
      let calls = 0
      const port = await serve((request, response) => {
        calls++
        response.end(request.headers.authorization)
      })
      const call = async () => {
        const connection = { ...withToken(connect(url)), origin: `http://127.0.0.1:${port}` }
        const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 1000 })
        return text(open({ connection, dispatcher, timeouts: TIMEOUTS }, GET, upstreams.alarms))
      }
      assert.equal(await call(), 'Bearer token-1')
      endpoint.reply = response => { response.writeHead(400).end('secret') }
      await fails(call(), 'upstream_refused')
      assert.equal(calls, 1)
    })
  })
}

function plain(error: Error): boolean {
  return error.message === 'expected a token from the token endpoint' && error.cause === undefined
}
