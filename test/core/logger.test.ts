import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { describeError, openLogger, type Logger } from '../../core/logger.ts'
import { GatehouseError } from '../../sdk/index.ts'

function open(level: 'info' | 'warn' = 'info'): { log: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const log = openLogger(level, { worker: 2 }, { write: line => void lines.push(JSON.parse(line) as Record<string, unknown>) })
  return { log, lines }
}

const quoting = (): Error => {
  try {
    JSON.parse('{"prompt": sk-secret}')
  } catch (error) {
    return error as Error
  }
  throw new Error('unreachable')
}

test('a line is JSON with the process, the worker and the level by name', () => {
  const { log, lines } = open()
  log.info({ epoch: 3 }, 'ready')
  assert.equal(lines.length, 1)
  const { time, ...line } = lines[0]!
  assert.deepEqual(line, { level: 'info', pid: process.pid, worker: 2, epoch: 3, msg: 'ready' })
  assert.equal(typeof time, 'number')
})

test('lines below the level are left out, and the level can change', () => {
  const { log, lines } = open('warn')
  log.info('no')
  log.level = 'info'
  log.info('yes')
  assert.deepEqual(lines.map(({ msg }) => msg), ['yes'])
})

const ways: { name: string; write: (log: Logger, error: Error) => void }[] = [
  { name: 'with a sentence', write: (log, err) => log.error({ err }, 'it failed') },
  { name: 'without a sentence', write: (log, err) => log.error({ err }) },
  { name: 'as the only argument', write: (log, err) => log.error(err) },
]
for (const { name, write } of ways) {
  test(`what an error quotes stays out of the log: ${name}`, () => {
    const { log, lines } = open()
    const error = quoting()
    assert.match(error.message, /sk-secret/)
    write(log, error)
    assert.equal(lines.length, 1)
    assert.doesNotMatch(JSON.stringify(lines), /sk-secret/)
    const { type, at } = lines[0]!['err'] as { type: string; at: string[] }
    assert.equal(type, 'SyntaxError')
    assert.ok(at.length > 0 && at.every(frame => frame.startsWith('at ')))
  })
}

const messages: { name: string; error: unknown; told: object }[] = [
  {
    name: 'our own',
    error: new GatehouseError('draining', 'Stopping.'),
    told: { type: 'GatehouseError', code: 'draining', message: 'Stopping.' },
  },
  {
    name: 'a system call\'s',
    error: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    told: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
  },
  {
    name: 'Node\'s',
    error: Object.assign(new TypeError('Received sk-secret'), { code: 'ERR_INVALID_ARG_TYPE' }),
    told: { type: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' },
  },
  { name: 'something thrown', error: 'sk-secret', told: { type: 'string' } },
]
for (const { name, error, told } of messages) {
  test(`the message of an error: ${name}`, () => {
    const { at: _at, ...rest } = describeError(error) as { at?: unknown }
    assert.deepEqual(rest, told)
  })
}

test('a cause is told of once, also where it leads in a circle', () => {
  const error = new Error('a')
  error.cause = error
  const { cause } = describeError(error) as { cause: object }
  assert.deepEqual(Object.keys(cause), ['type', 'at'])
})

const endings: { name: string; code: string; status: number }[] = [
  { name: 'returns', code: '', status: 0 },
  { name: 'exits', code: 'process.exit(3)', status: 3 },
]
for (const { name, code, status } of endings) {
  test(`what was logged is written when the process ${name}`, () => {
    const url = new URL('../../core/logger.ts', import.meta.url).href
    const program = `const { openLogger } = await import(${JSON.stringify(url)}); const log = openLogger('info', {})
      for (let n = 0; n < 200; n++) log.info({ n }, 'line')
      ${code}`
    const { stdout, status: ended } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    const numbers = stdout.trim().split('\n').map(line => (JSON.parse(line) as { n: number }).n)
    // What was being written at the exit may come after what was not; the time in each line tells.
    assert.deepEqual(numbers.toSorted((a, b) => a - b), Array.from({ length: 200 }, (_, n) => n))
    assert.equal(ended, status)
  })
}
