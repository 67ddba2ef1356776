// Real processes and real isolates. A processor stands here as the script that bundle.ts would make of it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { StepOverload, StepQuarantined, StepTimeout } from '../../../core/executor.ts'
import type { HostEvent } from '../../../core/sandbox/host-pair.ts'
import { Hosts, type HostSettings, type Sandboxed } from '../../../core/sandbox/hosts.ts'

/** A detector with this body of `inspect`, which sees `segments`, `scope`, `options` and whatever `top` declares. */
const script = (inspect: string, top = ''): string => `"use strict";
var gatehouseProcessor = (() => { ${top}
return { default: { name: 'probe', kind: 'detector', rights: ['annotate'], setup(options) {
  return { inspect(segments, scope) { ${inspect} } }
} } } })()`

const open = (hosts: Hosts, id: string, inspect: string, top = '', limits = {}): Promise<Sandboxed> =>
  hosts.open({ id, code: script(inspect, top), options: {}, ...limits })

/** Calls inspect with one text. */
const ask = (hosts: Hosts, processor: Sandboxed, text = '', timeout = 2000): Promise<unknown> =>
  hosts.call(processor, 'inspect', [[{ id: 1, text }], {}], timeout)

/** Hosts with a record of what happened to them, ended with the test. */
async function started(settings: HostSettings = {}): Promise<{ hosts: Hosts, events: HostEvent[] } & AsyncDisposable> {
  const events: HostEvent[] = []
  const hosts = await Hosts.start({ ...settings, listener: event => events.push(event) })
  return { hosts, events, [Symbol.asyncDispose]: () => hosts.close() }
}

describe('a processor in a sandbox', () => {
  let hosts: Hosts
  let neighbour: Sandboxed
  const events: HostEvent[] = []

  before(async () => {
    hosts = await Hosts.start({ listener: event => events.push(event) })
    neighbour = await open(hosts, 'neighbour', 'return segments.map(s => s.text.length)')
  })
  after(() => hosts.close())

  test('gets plain data and gives plain data, at once or later', async () => {
    const now = await open(hosts, 'now', 'return [segments[0].text, scope]')
    assert.deepEqual(await ask(hosts, now, 'é\u2028\ud800\n'), ['é\u2028\ud800\n', {}])
    const code = script('return Promise.resolve().then(() => options.a)')
    const later = await hosts.open({ id: 'later', code, options: { a: 7 } })
    assert.equal(await ask(hosts, later), 7)
    const nothing = await open(hosts, 'nothing', '')
    assert.equal(await ask(hosts, nothing), undefined)
    assert.deepEqual(now.methods, new Set(['inspect']))
  })

  test('is described without being set up', async () => {
    const code = 'var gatehouseProcessor = { default: { name: "x", kind: "detector", rights: [], reads: { origins: ["user"] }, '
      + 'stream: { maxMatch: 4 }, options: { type: "object" }, setup() { throw 1 } } }'
    assert.deepEqual(await hosts.describe('x', code), {
      name: 'x', kind: 'detector', rights: [], reads: { origins: ['user'] }, stream: { maxMatch: 4 }, options: { type: 'object' },
    })
  })

  const BAD: readonly (readonly [string, RegExp])[] = [
    ['var gatehouseProcessor = { default: { name: "A b", kind: "detector", rights: [] } }', /definition is not valid: name/],
    ['var gatehouseProcessor = { default: { name: "a", kind: "other", rights: [] } }', /not valid: kind/],
    ['var gatehouseProcessor = {}', /does not export a definition/],
    ['var gatehouseProcessor = { default: { sendsTo() {} } }', /it has sendsTo, which a processor in a sandbox cannot have/],
    ['throw new Error("no\\nway")', /no\nway/],
    ['}{', /Unexpected token/],
    ['var gatehouseProcessor = { get default() { throw new Error("trap") } }', /trap/],
  ]
  for (const [code, problem] of BAD) {
    test(`is refused with a sentence: ${code.slice(0, 60)}`, () => assert.rejects(hosts.describe('bad', code), problem))
  }

  const LATE: readonly (readonly [string, string])[] = [
    ['an endless loop', 'for (;;);'],
    ['an endless regular expression', 'return /^(a+)+$/.test("a".repeat(50) + "b")'],
    ['an endless chain of promises', 'return (async () => { for (;;) await null })()'],
    ['a promise that nobody settles', 'return new Promise(() => {})'],
    ['a flood of promises', 'const f = async () => { await null; f(); f() }; return f()'],
  ]
  for (const [name, body] of LATE) {
    test(`${name} is a timeout, and the next call finds a fresh isolate`, async () => {
      const processor = await open(hosts, name, `if (segments[0].text === 'go') { ${body} } return []`)
      const neighbours = Array.from({ length: 20 }, () => ask(hosts, neighbour, 'abc'))
      await assert.rejects(ask(hosts, processor, 'go', 60), StepTimeout)
      assert.deepEqual(await Promise.all(neighbours), neighbours.map(() => [3]))
      assert.deepEqual(await ask(hosts, processor, 'calm'), [])
    })
  }

  const BROKEN: readonly (readonly [string, string, RegExp])[] = [
    ['a throw that quotes the text', 'throw new Error(segments[0].text)', /^The processor threw a Error\.$/],
    ['deep recursion', 'const f = () => f() + 1; return f()', /RangeError/],
    ['a large buffer', 'const a = []; for (;;) a.push(new ArrayBuffer(2 ** 22))', /RangeError/],
    ['a long result', 'return "x".repeat(9 * 2 ** 20)', /too large/],
    ['many findings', 'return new Array(100001).fill(0)', /too large/],
    ['a throwing getter', 'return [{ get segment() { throw new TypeError("x") } }]', /TypeError/],
    ['a circle', 'const a = []; a.push(a); return a', /TypeError/],
    ['a big integer', 'return 1n', /TypeError/],
    ['a thrown proxy', 'throw new Proxy({}, { getPrototypeOf() { throw 1 } })', /Error/],
    ['an exit', 'process.exit(1)', /ReferenceError/],
    ['the environment', 'return this.constructor.constructor("return process")().env', /ReferenceError/],
    ['the environment, by way of an argument', 'return segments.map.constructor("return process")().env', /ReferenceError/],
    ['a file', 'return require("fs").readFileSync("/etc/passwd", "utf8")', /ReferenceError/],
    ['a file, by import', 'return import("node:fs")', /Error/],
    ['the network', 'return fetch("http://127.0.0.1")', /ReferenceError/],
    ['a timer', 'return setTimeout(() => {}, 1)', /ReferenceError/],
    ['WebAssembly', 'return new WebAssembly.Memory({ initial: 1 })', /ReferenceError/],
    ['shared memory', 'return new SharedArrayBuffer(1)', /ReferenceError/],
    ['a forged answer', 'Object.prototype.x = 1', /TypeError/],
  ]
  for (const [name, body, problem] of BROKEN) {
    test(`${name} is an error of that call alone`, async () => {
      const processor = await open(hosts, name, `if (segments[0].text !== 'calm') { ${body} } return []`)
      const call = ask(hosts, processor, 'SECRET')
      await assert.rejects(call, ({ message }: Error) => problem.test(message) && !/SECRET/.test(message))
      assert.deepEqual(await ask(hosts, processor, 'calm'), [])
      assert.deepEqual(await ask(hosts, neighbour, 'abcd'), [4])
    })
  }

  test('gives every one of many calls its own answer, whatever the others do', async () => {
    const processor = await open(hosts, 'many', `const { text } = segments[0]
      if (text === '20') for (;;);
      if (text === '30') throw new RangeError('x')
      if (text === '31') throw { toString() { throw 1 } }
      if (text === '40') return 'x'.repeat(9 * 2 ** 20)
      if (text === '41') return undefined
      return text + '\\n'`)
    for (let warm = 0; warm < 100; warm++) await ask(hosts, processor, 'warm')
    const calls = Array.from({ length: 60 }, (_, i) => ask(hosts, processor, `${i}`, i === 20 ? 100 : 5000))
    const results = await Promise.all(calls.map(call => call.catch(({ message }: Error) => message)))
    const odd = new Map<number, unknown>([
      [20, ''], [30, 'The processor threw a RangeError.'], [31, 'The processor threw a Error.'],
      [40, 'The processor gave a result that is too large.'], [41, undefined],
    ])
    const expected = results.map((_, i) => odd.has(i) ? odd.get(i) : `${i}\n`)
    assert.deepEqual(results, expected)
  })

  test('cannot change what the language offers to its next call', async () => {
    const attempts = [
      'Array.prototype.map = () => "bad"', 'Object.prototype.toString = 1', 'Object.prototype.polluted = 1',
      '[].__proto__.x = 1', 'globalThis.leak = 1', 'JSON.parse = () => "bad"', 'Math.random = 1', 'Promise.prototype.then = 1',
      'RegExp.prototype.exec = 1', '(function* () {}).constructor.prototype.x = 1', '[][Symbol.iterator]().__proto__.next = 1',
      'Object.setPrototypeOf(Array.prototype, null)',
    ]
    const processor = await open(hosts, 'polluter', `
      const attempts = [${attempts.map(attempt => `() => { ${attempt} }`).join()}]
      return attempts.map(attempt => { try { attempt(); return 'done' } catch (error) { return error.name } })`)
    const first = await ask(hosts, processor)
    assert.deepEqual(first, attempts.map(() => 'TypeError'))
    assert.deepEqual(await ask(hosts, processor), first)
  })

  test('keeps ordinary code working over frozen prototypes', async () => {
    const processor = await open(hosts, 'ordinary', `
      class Odd extends Error { constructor() { super('x'); this.name = 'Odd'; this.message = 'y' } }
      const table = {}; table.toString = 1; table.constructor = 2
      function Old() {} Old.prototype.toString = () => 'old'
      return [new Odd().name, new Odd().message, Object.keys(table), String(new Old())]`)
    assert.deepEqual(await ask(hosts, processor), ['Odd', 'y', ['toString', 'constructor'], 'old'])
  })

  test('that poisons its own isolate while it loads forges no answer', async () => {
    const top = 'Array.prototype.filter = () => "a\\nb"; JSON.stringify = () => "]\\n"'
    await assert.rejects(open(hosts, 'forger', 'throw new Error("x")', top), /which methods/)
    const thrower = await open(hosts, 'thrower', 'throw new Error("x")', 'Map.prototype.get = () => "Error\\n999 done [1]"')
    await assert.rejects(ask(hosts, thrower), /^Error: The processor threw a Error\.$/)
  })

  test('sees nothing of another processor', async () => {
    const left = await open(hosts, 'left', 'return typeof seen', 'globalThis.seen = 1; Array.prototype.odd = 1')
    const right = await open(hosts, 'right', 'return [typeof seen, [].odd === undefined]')
    assert.equal(await ask(hosts, left), 'number')
    assert.deepEqual(await ask(hosts, right), ['undefined', true])
  })

  test('runs in a process without an environment, that may read nothing but its own files', () => {
    for (const pid of hosts.pids) {
      assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '')
      const flags = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(word => word.startsWith('--'))
      const [read, others] = [/^--allow-fs-read=(.*)$/, ['--no-node-snapshot', '--permission', '--allow-addons']]
      assert.deepEqual(flags.filter(flag => !read.test(flag)), others)
      const paths = flags.flatMap(flag => read.exec(flag)?.[1] ?? [])
      const own = /core\/sandbox\/|package\.json$|isolated-vm|node-gyp-build|alpine-release$/
      assert.deepEqual(paths.filter(path => !own.test(path)), [])
    }
  })

  test('so far brought no host down', () => {
    assert.deepEqual(events.filter(event => event.kind !== 'restarted'), [])
  })
})

const BOMBS: readonly (readonly [string, string])[] = [
  ['arrays', 'const a = []; for (;;) a.push(new Array(1000).fill(a.length))'],
  ['strings', 'const a = []; for (let i = 0; ; i++) a.push(Array.from({ length: 5000 }, (_, j) => `${i} ${j}`))'],
  ['maps', 'const m = new Map(); for (let i = 0; ; i++) m.set({ i }, i)'],
  ['one large array', 'return Array(3e8).fill(0).length'],
]
for (const [name, body] of BOMBS) {
  test(`a memory bomb of ${name} costs the neighbours nothing`, async () => {
    await using house = await started()
    const { hosts, events } = house
    const neighbour = await open(hosts, 'neighbour', 'for (let i = 0; i < 1e5; i++); return segments[0].text.length')
    const bomber = await open(hosts, 'bomber', body, '', { memory: 16, cpu: 200 })
    const bomb = assert.rejects(ask(hosts, bomber, '', 3000))
    const calls = Array.from({ length: 50 }, () => ask(hosts, neighbour, 'abc', 5000))
    assert.deepEqual(await Promise.all(calls), calls.map(() => 3))
    await bomb
    assert.deepEqual(await ask(hosts, neighbour, 'abcd', 5000), 4)
    for (const event of events) if (event.kind !== 'restarted') assert.equal(event.processor, 'bomber')
  })
}

test('kill -9 of the host loses none of the calls in flight', async () => {
  await using house = await started()
  const { hosts, events } = house
  const slow = await open(hosts, 'slow', 'const end = Date.now() + 2; while (Date.now() < end); return segments[0].text')
  const other = await open(hosts, 'other', 'return segments[0].text + "!"')
  const calls = Array.from({ length: 50 }, (_, i) => ask(hosts, i % 2 === 0 ? slow : other, `${i}`, 5000))
  await calls[4]
  process.kill(hosts.pids[0]!, 'SIGKILL')
  assert.deepEqual(await Promise.all(calls), calls.map((_, i) => i % 2 === 0 ? `${i}` : `${i}!`))
  assert.equal(events.filter(event => event.kind === 'retired').length, 1)
})

test('a host whose loop hangs is killed, and its calls run elsewhere', async () => {
  await using house = await started()
  const { hosts, events } = house
  const processor = await open(hosts, 'p', 'return segments[0].text')
  const [serving] = hosts.pids
  process.kill(serving!, 'SIGSTOP')
  const short = assert.rejects(ask(hosts, processor, 'a', 50), StepTimeout)
  const long = ask(hosts, processor, 'b', 5000)
  await short
  assert.equal(await long, 'b')
  assert.ok(!hosts.pids.includes(serving!))
  assert.equal(events.filter(event => event.kind === 'retired').length, 1)
})

test('strikes lead into quarantine, which refuses at once, and ends', async () => {
  await using house = await started({ strikes: { strikes: 2, window: 60_000, quarantine: 400 } })
  const { hosts, events } = house
  const bomber = await open(hosts, 'bomber', 'return segments[0].text === "" ? 1 : Array(3e8).fill(0).length', '', { cpu: 40 })
  await assert.rejects(ask(hosts, bomber, 'go', 5000), /brought its host down/)
  await assert.rejects(ask(hosts, bomber, 'go', 5000), /brought its host down/)
  await assert.rejects(ask(hosts, bomber, ''), StepQuarantined)
  const kinds = events.filter(event => event.processor === 'bomber').map(event => event.kind)
  assert.deepEqual(kinds, ['retired', 'strike', 'retired', 'strike', 'quarantined'])
  await new Promise(resolve => setTimeout(resolve, 450))
  assert.equal(await ask(hosts, bomber, '', 5000), 1)
})

test('hosts end when their worker is gone', async () => {
  const hosts = new URL('../../../core/sandbox/hosts.ts', import.meta.url).href
  const program = `const { Hosts } = await import('${hosts}'); const all = await Hosts.start(); console.log(all.pids.join())`
  const worker = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(worker.stdout, 'data') as [Buffer]
  const pids = String(line).trim().split(',').map(Number)
  assert.equal(pids.length, 2)
  worker.kill('SIGKILL')
  await once(worker, 'close')
  const isGone = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return false
    } catch {
      return true
    }
  }
  for (let waits = 0; waits < 200 && !pids.every(isGone); waits++) await new Promise(resolve => setTimeout(resolve, 10))
  assert.ok(pids.every(isGone))
})

test('what has no room is refused, and one processor leaves room for others', async () => {
  await using house = await started({ limits: { calls: 4, characters: 4000 } })
  const { hosts } = house
  const [first, second] = [await open(hosts, 'a', 'return 1'), await open(hosts, 'b', 'return 2')]
  const calls = [ask(hosts, first), ask(hosts, first)]
  await assert.rejects(ask(hosts, first), StepOverload)
  await assert.rejects(ask(hosts, second, 'x'.repeat(2001)), StepOverload)
  assert.deepEqual(await Promise.all([...calls, ask(hosts, second)]), [1, 1, 2])
  assert.equal(await ask(hosts, first), 1)
})

test('hosts end with close, and calls in flight are refused', async () => {
  const hosts = await Hosts.start()
  const processor = await open(hosts, 'p', 'for (;;);')
  const [pid] = hosts.pids
  const call = assert.rejects(ask(hosts, processor), /closed/)
  await hosts.close()
  await call
  assert.throws(() => process.kill(pid!, 0), { code: 'ESRCH' })
  await assert.rejects(ask(hosts, processor), /closed/)
})
