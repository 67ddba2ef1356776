// A processor in a file of its own that does as it is told: what the tests of the pool run in real threads.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Pool, type PoolOptions } from '../../../core/pool/pool.ts'

const SOURCE = `
export default {
  name: 'actor', kind: 'detector', rights: [],
  setup({ memory, fails, hangs }) {
    if (fails) throw new Error('expected words, got none')
    if (hangs) for (;;);
    const state = new Int32Array(memory)
    const count = place => { Atomics.add(state, place, 1); Atomics.notify(state, place) }
    count(0)
    return {
      inspect([{ text }]) {
        count(1)
        const [word, number] = text.split(' ')
        switch (word) {
          case 'loop': for (;;);
          case 'sleep': Atomics.wait(state, 3, 0, Number(number)); return text
          case 'gate': Atomics.wait(state, 2, 0); return text
          case 'later': return new Promise(resolve => setTimeout(resolve, 5, text))
          case 'type': throw new TypeError(text)
          case 'name': throw Object.assign(new Error(text), { name: text })
          case 'word': throw text
          case 'reject': return Promise.reject(new RangeError(text))
          case 'function': return () => text
          case 'getter': return { get text() { throw new Error(text) } }
          case 'exit': return process.exit()
          default: return text
        }
      },
    }
  },
}
`

/** What the actor tells of itself, from every thread. */
export class Stage {
  readonly memory = new SharedArrayBuffer(16)
  readonly #state = new Int32Array(this.memory)

  get setups(): number { return Atomics.load(this.#state, 0) }
  get calls(): number { return Atomics.load(this.#state, 1) }

  /** Resolves when so many were set up, or called. */
  async until(what: 'setups' | 'calls', count: number): Promise<void> {
    const place = what === 'setups' ? 0 : 1
    for (let now = this[what]; now < count; now = this[what]) await Atomics.waitAsync(this.#state, place, now, 5000).value
  }

  /** Lets every call go on that stands at the gate, now or later. */
  open(): void {
    Atomics.store(this.#state, 2, 1)
    Atomics.notify(this.#state, 2)
  }
}

/** The path of the actor's file. */
export async function writeActor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-pool-'))
  t.after(() => rm(folder, { recursive: true }))
  const use = join(folder, 'actor.mjs')
  await writeFile(use, SOURCE)
  return use
}

/** A pool with an actor. */
export async function openActor(t: TestContext, options: PoolOptions) {
  const use = await writeActor(t)
  const pool = new Pool(options)
  const stage = new Stage()
  t.after(() => {
    stage.open()
    return pool.close()
  })
  const { methods } = await pool.register({ id: 'actor', use, options: { memory: stage.memory } })
  const say = (text: string, timeout = 5000): Promise<unknown> => pool.call('actor', 'inspect', [[{ text }]], timeout)
  return { pool, stage, methods, say, use }
}
