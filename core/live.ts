// Asks a gateway that runs, at its admin port, for what only traffic can tell. Called by `gatehouse check --live`.
import { Ajv } from 'ajv'
import { Agent, request } from 'undici'
import type { LoopTime } from '../sdk/index.ts'

/** Milliseconds for each part of an answer, and bytes of it. */
const PATIENCE = 5_000
const LARGEST = 2 ** 20

/** Without anything that a terminal would obey. */
const plain = { type: 'string', pattern: '^[ -~]{0,200}$' }
const isAnswer = new Ajv().compile<{ readonly steps: readonly LoopTime[] }>({
  type: 'object',
  required: ['steps'],
  properties: {
    steps: {
      type: 'array',
      items: {
        type: 'object',
        required: ['chain', 'step', 'calls', 'p99'],
        properties: { chain: plain, step: plain, advice: plain, calls: { type: 'integer' }, p99: { type: 'number' } },
      },
    },
  },
})

/** The inline steps of the gateway whose control plane is at a base URL. Rejects with a sentence where none answers there. */
export async function askAdvice(admin: string): Promise<readonly LoopTime[]> {
  const dispatcher = new Agent({ connectTimeout: PATIENCE, headersTimeout: PATIENCE, bodyTimeout: PATIENCE, maxResponseSize: LARGEST })
  try {
    const { statusCode, body } = await request(new URL('/admin/advice', admin), { dispatcher })
    const answer = await body.json().catch(() => undefined)
    if (statusCode === 200 && isAnswer(answer)) return answer.steps
  } catch (error) {
    const { code = 'not a URL' } = error as NodeJS.ErrnoException
    throw new Error(`no gateway answers at ${admin} (${code}): expected the admin address of one that runs`, { cause: error })
  } finally {
    await dispatcher.destroy()
  }
  throw new Error(`what answers at ${admin} gives no advice: expected the admin address of a gateway with \`plugins: [admin]\``)
}
