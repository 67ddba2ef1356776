// Bodies and frames in which anything may stand anywhere, under the names that formats know. Used by the tests of formats.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import { fold } from '../../../core/fold.ts'
import type { Translation } from '../../../sdk/index.ts'
import { readStream } from './law.ts'

const NAMES = [
  'choices', 'message', 'messages', 'delta', 'content', 'role', 'type', 'text', 'tool_calls', 'tools', 'function', 'name', 'arguments', 'id',
  'index', 'finish_reason', 'usage', 'error', 'reasoning_details', 'images', 'image_url', 'thinking', 'done', 'detail', 'options', 'stop',
]
const leaf = fc.oneof(fc.constantFrom('user', 'assistant', 'tool', 'text', 'stop', '{}'), fc.integer(), fc.boolean(), fc.constant(null))
const { wild } = fc.letrec(tie => ({
  wild: fc.oneof({ maxDepth: 6, depthSize: 'large' }, leaf,
    fc.array(tie('wild'), { maxLength: 3 }), fc.dictionary(fc.constantFrom(...NAMES), tie('wild'), { maxKeys: 5 })),
}))

/**
 * Readers refuse what they cannot read with an error of their own, and never stumble over it; the events that they give
 * are those of a stream, whatever they were given.
 */
export function survivesWildBodies(translation: Translation): void {
  const attempt = <Read>(read: () => Read): Read | undefined => {
    try {
      return read()
    } catch (problem) {
      assert.ok(!(problem instanceof TypeError) && !(problem instanceof RangeError), String(problem))
      return undefined
    }
  }
  test(`${translation.name}: no body makes a reader stumble`, () => {
    fc.assert(fc.property(wild, fc.array(wild, { maxLength: 4 }), (body, more) => {
      const frames = [body, ...more].map(value => ({ payload: JSON.stringify(value) }))
      attempt(() => translation.readRequest({ model: 'm', messages: more, tools: more, ...Object(body) }, { model: 'm', stream: true }))
      attempt(() => translation.readAnswer(body))
      attempt(() => translation.readAnswer({ choices: more, message: body }))
      fold(attempt(() => readStream(translation, frames)) ?? [])
      const likely = { payload: JSON.stringify({ choices: more.map(delta => ({ delta })), message: body }) }
      fold(attempt(() => readStream(translation, [likely, ...frames])) ?? [])
      assert.equal(typeof translation.readError(400, body).message, 'string')
    }), { numRuns: 500 })
  })
}

/** The same of bodies in which the format's own names, and no others, stand anywhere. */
export function survivesOwnNames(translation: Translation, names: readonly string[]): void {
  const key = fc.constantFrom(...names)
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { depthSize: 'medium', maxDepth: 7 }, fc.constantFrom('x', '', 7, -1, true, null, 'model', 'user', 'assistant', 'tool', 'f'),
      fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    ),
  }))
  test('no shape of a body breaks a reader in a way of its own', () => {
    fc.assert(fc.property(fc.dictionary(key, value, { maxKeys: 8 }), told => {
      for (const read of [
        () => translation.readRequest(told, { model: 'm', stream: true }), () => translation.readAnswer(told),
        () => translation.readError(400, told),
        () => translation.streamReader().read({ payload: JSON.stringify(told) }),
      ]) {
        try {
          read()
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError), String(error))
        }
      }
    }), { numRuns: 400 })
  })
}
