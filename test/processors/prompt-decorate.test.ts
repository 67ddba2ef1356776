import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Ajv } from 'ajv'
import decorate from '../../processors/prompt-decorate.ts'
import { SCOPE, segment } from './law.ts'

const NO_MESSAGES = { model: 'm', stream: false, segments: [segment('hi')] }

it('puts messages before and behind, in the order that they are written in', async () => {
  const { transform } = await decorate.setup({
    prepend: [{ role: 'system', text: 'one' }, { role: 'user', text: 'two' }],
    append: [{ role: 'developer', text: 'three' }, { role: 'assistant', text: 'four' }],
  })
  const messages = ['hi']
  for (const change of await transform(NO_MESSAGES, SCOPE)) {
    assert.ok(change.change === 'insert')
    const message = `${change.role}: ${change.text}`
    if (change.at === 'start') messages.unshift(message)
    else messages.push(message)
  }
  assert.deepEqual(messages, ['system: one', 'user: two', 'hi', 'developer: three', 'assistant: four'])
})

it('reads nothing, so that nothing has to be handed over', () => {
  assert.deepEqual(decorate.reads, { origins: [] })
})

const accepts = new Ajv().compile(decorate.options!)
const message = { role: 'system', text: 'x' }
const OPTIONS: readonly (readonly [options: unknown, accepted: boolean])[] = [
  [{ prepend: [message] }, true], [{ append: [message] }, true], [{ prepend: [message], append: [message, message] }, true],
  [{}, false], [{ prepend: [] }, false], [{ prepend: [{ role: 'tool', text: 'x' }] }, false],
  [{ prepend: [{ role: 'user', text: '' }] }, false], [{ prepend: [{ ...message, name: 'x' }] }, false],
  [{ before: [message] }, false],
]
for (const [options, accepted] of OPTIONS) {
  it(`${accepted ? 'accepts' : 'refuses'} ${JSON.stringify(options)}`, () => {
    assert.equal(accepts(options), accepted)
  })
}
