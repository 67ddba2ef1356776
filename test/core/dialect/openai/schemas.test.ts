import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemasOf } from '../../../../core/dialect/openai/schemas.ts'
import { Scanner } from '../../../../core/json-tape.ts'

const scanner = new Scanner()

/** What is found, as the values that stand there. */
function found(request: object): { tools: Record<string, unknown>; text: unknown } {
  const tape = scanner.scan(Buffer.from(JSON.stringify(request)), { depth: 20 })
  const valueOf = (node: number): unknown => JSON.parse(tape.bytes.toString('utf8', tape.start(node), tape.end(node)))
  const { tools, text } = schemasOf(tape)
  return { tools: Object.fromEntries([...tools].map(([name, node]) => [name, valueOf(node)])), text: text === -1 ? undefined : valueOf(text) }
}

for (const [what, request, tools, text] of [
  ['nothing', {}, {}, undefined],
  ['tools', {
    tools: [
      { type: 'function', function: { name: 'a', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'b' } }, { type: 'custom', custom: { name: 'c' } },
      { type: 'function', function: { name: 'd', parameters: true } },
    ],
  }, { a: { type: 'object' }, d: true }, undefined],
  ['functions, as they were declared of old', { functions: [{ name: 'a', parameters: { x: 1 } }, { name: 'b' }] }, { a: { x: 1 } }, undefined],
  ['a format', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } }, {}, { type: 'object' }],
  ['a format as Together has it', { response_format: { type: 'json_object', schema: { type: 'object' } } }, {}, { type: 'object' }],
  ['a format without a schema', { response_format: { type: 'json_object' } }, {}, undefined],
  ['other things in their places', {
    tools: [null, 'x', [], { function: 'f' }, { function: { name: 1, parameters: {} } }], functions: { name: 'a', parameters: {} }, response_format: 'json',
  }, {}, undefined],
] as const) {
  test(`a request declares ${what}`, () => {
    assert.deepEqual(found(request), { tools, text })
  })
}
