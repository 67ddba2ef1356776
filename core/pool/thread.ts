// The program of a thread of the pool: loads processors, sets them up and calls them. Started by piscina, which awaits the
// default export before the thread counts as ready; so a thread that takes another's place is warm from its first call.
import { workerData } from 'node:worker_threads'
import { METHODS } from '../executor.ts'
import { loadProcessor } from '../registry.ts'
import type { Order, Outcome, Registration } from './order.ts'

type Instance = Readonly<Record<string, unknown>>

export default serve(workerData as readonly Registration[])

/** Sets up what is registered already; then obeys. Never rejects: a thread that fails at its start is not replaced. */
async function serve(registered: readonly Registration[]): Promise<(order: Order) => Promise<Outcome>> {
  const instances = new Map<string, Instance>()

  async function setUp({ id, use, options }: Registration): Promise<Outcome> {
    try {
      const instance = instances.get(id) ?? await (await loadProcessor(use)).setup(options) as object as Instance
      instances.set(id, instance)
      return { result: METHODS.filter(method => typeof instance[method] === 'function') }
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) }
    }
  }

  async function call(id: string, method: string, args: readonly unknown[]): Promise<Outcome> {
    const instance = instances.get(id)
    if (instance === undefined) return { failed: 'is not set up in this thread' }
    const run = instance[method]
    if (typeof run !== 'function') return { failed: `has no method ${method}` }
    let result: unknown
    try {
      result = await Reflect.apply(run, instance, args)
    } catch (error) {
      return { failed: `threw ${kindOf(error)}` }
    }
    try {
      // Piscina ends the thread where a result cannot be cloned; here it is only the call that fails.
      return { result: structuredClone(result) }
    } catch {
      return { failed: 'gave a result that is not plain data' }
    }
  }

  for (const processor of registered) await setUp(processor)
  return async order => {
    switch (order.do) {
      case 'set up': return setUp(order.processor)
      case 'forget': return { result: instances.delete(order.id) }
      case 'call': return call(order.id, order.method, order.args)
    }
  }
}

/** The kind of an error and no more: its message, and a name of its own, may hold text of the traffic. */
function kindOf(error: unknown): string {
  const known = [TypeError, RangeError, SyntaxError, ReferenceError].find(kind => error instanceof kind)
  return known?.name ?? (error instanceof Error ? 'an Error' : 'something that is no Error')
}
