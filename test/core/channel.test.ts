import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { askSupervisor, describeEnd, lineTo, obeyOrders, type Child, type Order, type Parent, type WorkerProcess } from '../../core/channel.ts'

/** Both ends of a channel in one process. Messages are copied, as they would be on their way. */
class FakeChild extends EventEmitter {
  readonly pid = 4711
  connected = true
  readonly signals: string[] = []
  readonly parent = new EventEmitter() as EventEmitter & { connected: boolean; send: (message: unknown) => boolean }

  constructor() {
    super()
    this.parent.connected = true
    this.parent.send = message => {
      const copy = structuredClone(message)
      queueMicrotask(() => this.emit('message', copy))
      return true
    }
  }

  send(message: unknown): boolean {
    const copy = structuredClone(message)
    queueMicrotask(() => this.parent.emit('message', copy))
    return true
  }

  kill(signal: string): boolean {
    this.signals.push(signal)
    return true
  }
}

function connect(obey: (order: Order) => unknown): { child: FakeChild; line: WorkerProcess } {
  const child = new FakeChild()
  const line = lineTo(child as unknown as Child)
  obeyOrders(child.parent as unknown as Parent, obey)
  return { child, line }
}

const ask = (topic: string): Order => ({ kind: 'ask', topic, question: 1 })

test('each order gets the reply to it, whatever the order of replies', async () => {
  const { line } = connect(async order => {
    if (order.kind !== 'ask') return undefined
    if (order.topic === 'slow') await new Promise(resolve => setImmediate(resolve))
    return { topic: order.topic, value: NaN }
  })
  const answers = await Promise.all(['slow', 'quick'].map(topic => line.call(ask(topic), 1000)))
  assert.deepEqual(answers, [{ topic: 'slow', value: NaN }, { topic: 'quick', value: NaN }])
})

const failing: { name: string; obey: () => unknown; problem: RegExp }[] = [
  { name: 'a throw', obey: () => { throw new Error('no such model') }, problem: /^no such model$/ },
  { name: 'a rejection', obey: () => Promise.reject(new Error('too late')), problem: /^too late$/ },
  { name: 'an answer that cannot travel', obey: () => () => {}, problem: /could not be cloned/ },
]
for (const { name, obey, problem } of failing) {
  test(`the caller learns of ${name}`, async () => {
    const { line } = connect(obey)
    await assert.rejects(line.call(ask('x'), 1000), error => problem.test((error as Error).message))
  })
}

test('orders wait until the worker hears them', async () => {
  const child = new FakeChild()
  const line = lineTo(child as unknown as Child)
  const sent: unknown[] = []
  child.send = message => sent.push(message) > 0
  const call = line.call(ask('early'), 1000)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(sent, [])
  child.emit('message', { note: 'hears' })
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(sent.length, 1)
  child.emit('message', { note: 'reply', id: 1, value: 'here' })
  assert.equal(await call, 'here')
})

test('a worker that gives no reply is not waited for', async () => {
  const { line } = connect(() => new Promise(() => {}))
  await assert.rejects(line.call(ask('x'), 5), /no reply to ask within 5 ms/)
})

test('the end of the process ends every call, also a later one', async () => {
  const { child, line } = connect(() => new Promise(() => {}))
  const call = assert.rejects(line.call(ask('x'), 1000), /the worker ended \(signal SIGKILL\)/)
  child.emit('exit', null, 'SIGKILL')
  await call
  assert.deepEqual(await line.ended, { code: null, signal: 'SIGKILL' })
  await assert.rejects(line.call(ask('y'), 1000), /the worker ended/)
})

test('a process that cannot be made is an end too', async () => {
  const child = Object.assign(new EventEmitter(), { connected: false, kill: () => false, send: () => false })
  const line = lineTo(child as unknown as Child)
  const call = assert.rejects(line.call(ask('x'), 1000), /the worker ended \(no process could be made\)/)
  child.emit('error', new Error('spawn EAGAIN'))
  await call
  assert.deepEqual(await line.ended, { code: null, signal: null })
})

test('a broken channel does not throw at either end', async () => {
  const { child, line } = connect(() => new Promise(() => {}))
  child.connected = false
  child.parent.connected = false
  child.emit('error', new Error('EPIPE'))
  await assert.rejects(line.call(ask('x'), 5), /no reply/)
})

test('signals reach the process', () => {
  const { child, line } = connect(() => 0)
  line.kill('SIGKILL')
  assert.deepEqual([line.pid, child.signals], [4711, ['SIGKILL']])
})

test('an end in words', () => {
  assert.equal(describeEnd({ code: 1, signal: null }), 'exit code 1')
  assert.equal(describeEnd({ code: null, signal: 'SIGSEGV' }), 'signal SIGSEGV')
})

test('a worker asks, and is answered; where nobody can, it hears so', async () => {
  const { child, line } = connect(() => undefined)
  const question = askSupervisor(child.parent as unknown as Parent)
  await assert.rejects(question('too early'), /no answer/)
  line.answers(async asked => {
    if (asked === 'hard') throw new Error('a secret')
    return `answer to ${String(asked)}`
  })
  assert.deepEqual(await Promise.all([question('one'), question('two')]), ['answer to one', 'answer to two'])
  await assert.rejects(question('hard'), /the supervisor gives no answer/)
  child.parent.connected = false
  await assert.rejects(question('late'), /no answer/)
})
