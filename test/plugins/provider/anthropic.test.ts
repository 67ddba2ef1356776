import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import translation from '../../../core/translation/anthropic-messages.ts'
import anthropic from '../../../plugins/provider/anthropic.ts'
import { ask } from './asking.ts'
import { refuses } from './refusing.ts'

type Options = Parameters<typeof anthropic.connect>[0]['options']

const connect = (url?: string, key = 'sk-ant-1', options: Options = {}) => anthropic.connect({ key, url, options })
const MESSAGES = translation.pathOf('claude', false)

test('goes to Anthropic', () => {
  const { origin, path, dialects, sign } = connect()
  assert.equal(origin + path(MESSAGES, 'claude'), 'https://api.anthropic.com/v1/messages')
  assert.deepEqual(dialects, ['anthropic-messages', 'anthropic-count-tokens'])
  assert.equal(sign, undefined)
})

test('says key, version and betas', async () => {
  const { path, headers } = await ask(url => connect(url, 'sk-ant-1', { beta: ['a-2025-01-01', 'b-2025-02-02'] }), MESSAGES)
  assert.equal(path, '/v1/messages')
  assert.equal(headers['x-api-key'], 'sk-ant-1')
  assert.equal(headers['anthropic-version'], '2023-06-01')
  assert.equal(headers['anthropic-beta'], 'a-2025-01-01,b-2025-02-02')
  assert.equal(headers.authorization, undefined)
})

test('P43: what the client says of version and betas goes before', async () => {
  const said = ['anthropic-version', '2024-01-01', 'anthropic-beta', 'theirs']
  const { headers } = await ask(url => connect(url, 'k', { beta: ['ours'] }), MESSAGES, { headers: said })
  assert.equal(headers['anthropic-version'], '2024-01-01')
  assert.equal(headers['anthropic-beta'], 'theirs')
})

test('no beta unless one is asked for', async () => {
  const { headers } = await ask(connect, `${MESSAGES}?beta=true`)
  assert.equal(headers['anthropic-beta'], undefined)
})

test('another URL, as it is written', () => {
  const { origin, path } = connect('https://gate.example/v1/account/anthropic?team=a')
  assert.equal(origin + path(`${MESSAGES}?beta=true`, 'm'),
    'https://gate.example/v1/account/anthropic/v1/messages?beta=true&team=a')
})

refuses([
  { what: 'no key', run: () => connect(undefined, ''), says: /key of printable/ },
  { what: 'a key with a line break', run: () => connect(undefined, 'secret\n'), says: /key of printable/ },
  { what: 'a URL with the version', run: () => connect('https://api.anthropic.com/v1'), says: /without \/v1/ },
  { what: 'the same with a slash', run: () => connect('https://api.anthropic.com/v1/'), says: /without \/v1/ },
  { what: 'credentials in the URL', run: () => connect('https://me:secret@x.example'), says: /user and password/ },
])

test('the options are checked', () => {
  assert.ok(Value.Check(anthropic.options!, { beta: ['context-1m-2025-08-07'] }))
  assert.ok(!Value.Check(anthropic.options!, { beta: [] }))
  assert.ok(!Value.Check(anthropic.options!, { beta: ['a\r\nx: y'] }))
  assert.ok(!Value.Check(anthropic.options!, { betas: ['a'] }))
})
