import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StepOverload, StepQuarantined, StepResting, type Executor } from '../../../core/executor.ts'
import { BreakerExecutor } from '../../../core/executor/breaker.ts'
import { InlineExecutor } from '../../../core/executor/inline.ts'

const TIMEOUT = 100
const PAUSE = 30

interface Guarded {
  /** What the step does next. */
  next: () => unknown
  asked: number
  readonly told: string[]
  readonly executor: Executor
  /** `answered`, `resting`, or what it failed with. */
  call(method?: string, timeout?: number): Promise<string>
}

function guarded({ pause = PAUSE } = {}): Guarded {
  const told: string[] = []
  const run = (): unknown => {
    step.asked++
    return step.next()
  }
  const inner = new InlineExecutor({ inspect: run, undecided: run, learn: run })
  const executor = new BreakerExecutor(inner, { failures: 2, pause, timeout: TIMEOUT }, {
    opened: error => { told.push(`opened: ${String(error)}`) }, closed: () => { told.push('closed') },
  })
  const step: Guarded = {
    next: () => 'fine', asked: 0, told, executor,
    async call(method = 'inspect', timeout = TIMEOUT) {
      try {
        await executor.call(method, [], timeout)
        return 'answered'
      } catch (error) {
        return error instanceof StepResting ? 'resting' : String(error)
      }
    },
  }
  return step
}

const fails = (): never => { throw new Error('down') }
const rejects = (): Promise<never> => Promise.reject(new Error('down'))
const rested = (): Promise<void> => new Promise(resolve => { setTimeout(resolve, PAUSE + 5) })

for (const [how, next] of [['throws', fails], ['rejects', rejects]] as const) {
  test(`a step that ${how} twice in a row is not asked, until a call that may try finds it well`, async () => {
    const step = guarded()
    step.next = next
    assert.deepEqual([await step.call(), await step.call(), await step.call()], ['Error: down', 'Error: down', 'resting'])
    assert.deepEqual([step.asked, step.told], [2, ['opened: Error: down']])
    await rested()
    const { promise, resolve } = Promise.withResolvers<string>()
    step.next = () => promise
    const trial = step.call()
    assert.deepEqual([await step.call(), step.asked], ['resting', 3], 'one at a time')
    resolve('fine')
    assert.deepEqual([await trial, await step.call(), step.told.at(-1)], ['answered', 'answered', 'closed'])
  })
}

test('a trial that fails doubles the pause', async () => {
  const step = guarded({ pause: 1000 })
  step.next = fails
  await step.call()
  await step.call()
  const rest = (): number => {
    try {
      step.executor.call('inspect', [], TIMEOUT)
      return 0
    } catch (error) {
      return (error as StepResting).rest
    }
  }
  assert.ok(rest() > 900 && rest() <= 1000, String(rest()))
})

test('a success between failures starts the count anew', async () => {
  const step = guarded()
  for (const next of [fails, () => 'fine', fails]) {
    step.next = next
    await step.call()
  }
  assert.deepEqual([await step.call(), step.told.length], ['Error: down', 1])
})

test('a step without an answer in time fails; where it had little time, that tells nothing of it', async () => {
  const never = (): Promise<never> => new Promise(() => {})
  const step = guarded()
  step.next = never
  for (let i = 0; i < 3; i++) await step.call('inspect', TIMEOUT / 2 - 1)
  assert.deepEqual([step.asked, step.told], [3, []])
  for (let i = 0; i < 3; i++) await step.call('inspect', TIMEOUT / 2)
  assert.deepEqual([step.asked, step.told], [5, ['opened: Error']])
})

for (const [what, error] of [['has no room', new StepOverload()], ['is in quarantine', new StepQuarantined()]] as const) {
  test(`a step that ${what} was never asked, and a trial that met it may be made again`, async () => {
    const step = guarded()
    const full = (): never => { throw error }
    for (const next of [full, full, full, fails, fails]) {
      step.next = next
      await step.call()
    }
    assert.deepEqual([step.asked, step.told.length], [5, 1])
    await rested()
    step.next = full
    await step.call()
    step.next = () => 'fine'
    assert.equal(await step.call(), 'answered')
  })
}

test('what no request waits for is called all the same, and tells nothing', async () => {
  const step = guarded()
  step.next = fails
  for (const method of ['undecided', 'learn', 'undecided']) assert.equal(await step.call(method), 'Error: down')
  assert.equal(await step.call(), 'Error: down')
  await step.call()
  assert.equal(await step.call(), 'resting')
  assert.equal(await step.call('undecided'), 'Error: down')
})

test('what is quick stays so: no promise, and the loop is timed as without it', () => {
  const step = guarded()
  assert.equal(step.executor.call('inspect', [], TIMEOUT), 'fine')
  assert.deepEqual([step.executor.name, step.executor.clock !== undefined], ['inline', true])
})
