// The counter on a real Redis: the contract, and what becomes of counts when servers and gateways come and go.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import redis from '../../../plugins/counter/redis.ts'
import { RedisServer } from '../../journey/redis.ts'
import { ask, keepsTheContract } from './contract.ts'

const server = await RedisServer.start({ after })
const open = async () => {
  const counter = await redis.open({ directory: '', options: { url: server.url } })
  after(() => counter.close())
  return counter
}

keepsTheContract(async () => [await open(), await open()])

test('gateways that are gone are forgotten', async () => {
  const counter = await open()
  const client = new Redis(server.url)
  after(() => client.disconnect())
  await client.zadd('{gatehouse}:gateways', Date.now() - 1, 'gone', Date.now() + 10_000, 'lives')
  await counter.take([ask({ want: 1 })])
  const members = await client.zrange('{gatehouse}:gateways', '0', '-1')
  assert.deepEqual([members.includes('gone'), members.includes('lives')], [false, true])
})

test('a server that was killed knows its counts when it is back', async () => {
  const counter = await open()
  const { key } = ask({})
  await counter.take([ask({ key, want: 60 })])
  await server.kill()
  await assert.rejects(counter.take([ask({ key, want: 60 })]))
  await server.start()
  let given: number | undefined
  for (; given === undefined; await wait(20)) given = (await counter.take([ask({ key, want: 60 })]).catch(() => undefined))?.[0]?.granted
  assert.equal(given, 40)
})
