import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import compatible from '../../../plugins/provider/openai-compatible.ts'

const connect = (settings: { key?: string; url?: string; options?: { vendor?: string; streamUsage?: boolean } }) =>
  compatible.connect({ key: '', url: undefined, options: {}, ...settings })

const vendors = [
  { vendor: 'groq', url: 'https://api.groq.com/openai/v1/chat/completions', streamUsage: true },
  { vendor: 'together', url: 'https://api.together.xyz/v1/chat/completions', streamUsage: true },
  { vendor: 'deepseek', url: 'https://api.deepseek.com/v1/chat/completions', streamUsage: true },
  { vendor: 'openrouter', url: 'https://openrouter.ai/api/v1/chat/completions', streamUsage: true },
  { vendor: 'xai', url: 'https://api.x.ai/v1/chat/completions', streamUsage: true },
  { vendor: 'fireworks', url: 'https://api.fireworks.ai/inference/v1/chat/completions', streamUsage: true },
  { vendor: 'vllm', url: 'http://127.0.0.1:8000/v1/chat/completions', streamUsage: true },
  { vendor: 'lm-studio', url: 'http://127.0.0.1:1234/v1/chat/completions', streamUsage: true },
  { vendor: 'mistral', url: 'https://api.mistral.ai/v1/chat/completions', streamUsage: false },
  { vendor: 'perplexity', url: 'https://api.perplexity.ai/chat/completions', streamUsage: false },
  { vendor: 'tgi', url: 'http://127.0.0.1:8080/v1/chat/completions', streamUsage: true },
  { vendor: 'ollama', url: 'http://127.0.0.1:11434/v1/chat/completions', streamUsage: true },
]
for (const { vendor, url, streamUsage } of vendors) {
  test(`${vendor} is known by name`, () => {
    const connection = connect({ key: 'k', options: { vendor } })
    assert.equal(connection.origin + connection.path('/chat/completions', 'm'), url)
    assert.equal(connection.streamUsage, streamUsage)
    assert.equal(connection.vendor, vendor)
    assert.deepEqual(connection.headers, ['authorization', 'Bearer k'])
  })
}

test('every vendor of the schema connects', () => {
  const names = (compatible.options as unknown as { properties: { vendor: { enum: string[] } } }).properties.vendor.enum
  assert.ok(names.length >= 12)
  for (const vendor of names) {
    const { origin, path } = connect({ options: { vendor } })
    assert.ok(URL.canParse(origin + path('/models', 'm')))
    assert.ok(Value.Check(compatible.options!, { vendor }))
  }
  assert.ok(!Value.Check(compatible.options!, { vendor: 'constructor' }))
  assert.ok(!Value.Check(compatible.options!, { vender: 'groq' }))
})

test('any other by its URL, without a key where it needs none', () => {
  const connection = connect({ url: 'http://10.0.0.5:8000/v1/' })
  assert.equal(connection.origin, 'http://10.0.0.5:8000')
  assert.equal(connection.path('/chat/completions', 'm'), '/v1/chat/completions')
  assert.deepEqual(connection.headers, [])
  assert.equal(connection.streamUsage, true)
  assert.equal(connection.vendor, undefined)
})

test('what the config says goes before what is known', () => {
  const connection = connect({ url: 'https://gate.example/groq?team=a', options: { vendor: 'mistral', streamUsage: true } })
  assert.equal(connection.origin + connection.path('/models', 'm'), 'https://gate.example/groq/models?team=a')
  assert.equal(connection.streamUsage, true)
  assert.equal(connect({ options: { vendor: 'groq', streamUsage: false } }).streamUsage, false)
})

const refused = [
  { what: 'neither URL nor vendor', settings: {}, says: /url, or a vendor .*groq/ },
  { what: 'a name of no vendor', settings: { options: { vendor: 'constructor' } }, says: /url, or a vendor/ },
  { what: 'a path alone', settings: { url: '/v1' }, says: /https:/ },
  { what: 'another scheme', settings: { url: 'ftp://x.example' }, says: /https:/ },
  { what: 'credentials in the URL', settings: { url: 'https://:secret@x.example' }, says: /without a user and password/ },
  { what: 'a fragment', settings: { url: 'https://x.example/#a' }, says: /fragment/ },
  { what: 'a key that no header can carry', settings: { url: 'https://x.example', key: 'secret key' }, says: /key of printable/ },
]
for (const { what, settings, says } of refused) {
  test(`refuses ${what}, and repeats no secret`, () => {
    assert.throws(() => connect(settings), (error: Error) => says.test(error.message) && !error.message.includes('secret'))
  })
}
