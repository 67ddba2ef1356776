import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configSchema } from '../../config/schema.ts'
import { complaint, HASH } from './complaint.ts'

const FIELDS = 'listen, admin, workers, threads, log, limits, timeouts, drain, plugins, state, ledger, counter and 11 more'
const STEP = 'one of use, when, mode, run, integrity, limits, rights, reads, actions, timeout, onError, onTimeout and 6 more'
const ACTION = 'one of allow, annotate, mask, replace, hash, tokenize, block'
const ORIGIN = 'one of system, developer, user, assistant, tool_result, tool_def, file, gateway'
const CHANNEL = 'one of text, reasoning, refusal, tool_args, tool_name, schema, transcript'
const NAME = 'a name of 1 to 64 letters, digits and . _ - @ : that begins with a letter or a digit'
const DURATION = 'a duration such as 300ms, 5s, 2m or 1h (up to 99h), or a number of milliseconds'
const SIZE = 'a size such as 64kb or 32mb (up to 999mb), or a number of bytes'
const PORT = 'a port from 0 to 65535'
const URL = 'a URL that begins with http:// or https:// and has no user name, password, query or fragment'
const SECRET = 'a string of at least 16 characters, or an empty one for a secret made at each start'
const TEXT = 'a string that is not empty'
const LIST = 'a list that is not empty'
const HELP = 'to hash a key: printf %s "$KEY" | sha256sum'

const step = (fields: string): string => `chains:\n  guarded:\n  - use: pii\n    ${fields}`
const route = (fields: string): string => `routes:\n- name: a\n  targets: [{ provider: echo }]\n  ${fields}`
const provider = (fields: string): string => `providers:\n  echo: { use: echo }\n  other:\n    ${fields}`
const consumer = (fields: string): string => `consumers:\n- name: a\n  ${fields}`

/** What is written, and what is said about it. */
const cases: [string, string, ...string[]][] = [
  ['an unknown key', 'lissten: {}', `1:1 /lissten expected one of ${FIELDS}; got "lissten"; did you mean "listen"?`],
  ['a port as a word', 'listen: { port: http }', `1:11 /listen/port expected ${PORT}; got "http"`],
  ['a port out of range', 'listen: { port: 65536 }', `1:11 /listen/port expected ${PORT}; got 65536`],
  ['a port out of range, in a string', 'listen: { port: "65536" }', `1:11 /listen/port expected ${PORT}; got "65536"`],
  ['a host with a scheme', 'listen: { host: "http://h" }',
    '1:11 /listen/host expected a host name or an IP address; got "http://h"'],
  ['admin: true', 'admin: true', '1:1 /admin expected false or a mapping; got true'],
  ['an unknown key of admin', 'admin: { prot: 1 }',
    '1:10 /admin/prot expected one of host, port; got "prot"; did you mean "port"?'],
  ['no workers', 'workers: 0', '1:1 /workers expected auto, or a number from 1 to 999; got 0'],
  ['an unknown level', 'log: { level: warning }',
    '1:8 /log/level expected one of trace, debug, info, warn, error, silent; got "warning"'],
  ['a switch in words', 'log: { access: "yes" }', '1:8 /log/access expected true or false; got "yes"'],
  ['a duration in words', 'drain: half an hour', `1:1 /drain expected ${DURATION}; got "half an hour"`],
  ['a duration of nothing', 'timeouts: { idle: 0 }', `1:13 /timeouts/idle expected ${DURATION}; got 0`],
  ['a size in large letters', 'limits: { body: 32MB }', `1:11 /limits/body expected ${SIZE}; got "32MB"`],
  ['a depth beyond reason', 'limits: { depth: 5000 }', '1:11 /limits/depth expected a whole number from 1 to 1000; got 5000'],
  ['a short secret', 'secret: hunter2', `1:1 /secret expected ${SECRET}; got (hidden)`],
  ['no api', 'apis: []', `1:1 /apis expected ${LIST}; got an empty list`],
  ['a plugin without a name', 'plugins: [a, { options: {} }]', `1:14 /plugins/1/use expected ${TEXT}; got nothing`],
  ['a plugin that is a number', 'plugins: [5]', `1:11 /plugins/0 expected ${TEXT} or a mapping; got 5`],

  ['no providers', 'providers: {}', '1:1 /providers expected a mapping that is not empty; got an empty mapping'],
  ['a provider without use', provider('key: k'), `3:3 /providers/other/use expected ${TEXT}; got nothing`],
  ['a provider with an odd name', 'providers: { "my one": { use: echo } }',
    `1:14 /providers/my one expected ${NAME}; got "my one"`],
  ['a key that looks like a number', provider('{ use: echo, key: 12345 }'),
    '4:18 /providers/other/key expected a string; got (hidden); put it in quotes'],
  ['keys that are one key', provider('{ use: echo, keys: k }'), `4:18 /providers/other/keys expected ${LIST}; got (hidden)`],
  ['no keys', provider('{ use: echo, keys: [] }'), `4:18 /providers/other/keys expected ${LIST}; got (hidden)`],
  ['a key of many that is a number', provider('{ use: echo, keys: [k, 5] }'),
    '4:28 /providers/other/keys/1 expected a string; got (hidden); put it in quotes'],
  ['a queue without end', provider('{ use: echo, queue: { size: 100000 } }'),
    '4:27 /providers/other/queue/size expected a whole number from 1 to 10000; got 100000'],
  ['a queue that waits in words', provider('{ use: echo, queue: { wait: long } }'), `4:27 /providers/other/queue/wait expected ${DURATION}; got "long"`],
  ['a check of a whole URL', provider('{ use: echo, check: { path: "http://h/up" } }'),
    '4:27 /providers/other/check/path expected a path that begins with /, below the url; got "http://h/up"'],
  ['a check that never comes', provider('{ use: echo, check: { every: 0 } }'), `4:27 /providers/other/check/every expected ${DURATION}; got 0`],
  ...['host', 'content-length', 'authorization', 'cookie', 'X-Id', 'x-amz-date', 'x-a b'].map((name): [string, string, string] => [
    `${name} as the header for ids`, provider(`{ use: echo, idHeader: "${name}" }`),
    `4:18 /providers/other/idHeader expected a header that begins with x- (not x-amz-), in lower case, such as x-client-request-id; got "${name}"`,
  ]),
  ['a URL without a scheme', provider('{ use: echo, url: localhost:1 }'),
    `4:18 /providers/other/url expected ${URL}; got "localhost:1"`],
  ['a reason nobody knows', route('retry: { on: [timeout] }'),
    '4:17 /routes/0/retry/on/0 expected error, context, filter, or a status from 400 to 599; got "timeout"'],
  ['a good status as a reason', route('retry: { on: [error, 200] }'),
    '4:24 /routes/0/retry/on/1 expected error, context, filter, or a status from 400 to 599; got 200'],
  ['a hedge of nothing', route('hedge: 0'), `4:3 /routes/0/hedge expected ${DURATION}; got 0`],
  ['a URL with a password', provider('{ use: echo, url: "http://me:hunter2@h" }'),
    `4:18 /providers/other/url expected ${URL}; got (hidden)`],

  ['a tag that is a number', consumer(`keys: [{ sha256: ${HASH} }]\n  tags: { team: 7 }`),
    '4:11 /consumers/0/tags/team expected a string; got 7; put it in quotes'],
  ['a tag with a line break', consumer(`keys: [{ sha256: ${HASH} }]\n  tags: { "a\\nb": x }`),
    `4:11 /consumers/0/tags/a\\u{a}b expected ${NAME}; got "a\\nb"`],
  ['a raw key for a hash', consumer('keys: [{ sha256: sk-live-1 }]'),
    `3:12 /consumers/0/keys/0/sha256 expected the SHA-256 of the key, as 64 hex digits; got (hidden); ${HELP}`],
  ['a raw key for a mapping', consumer('keys: [sk-live-1]'),
    `3:10 /consumers/0/keys/0 expected a mapping with the sha256 of a key; got (hidden); ${HELP}`],
  ['a raw key for a list', consumer('keys: sk-live-1'), `3:3 /consumers/0/keys expected ${LIST}; got (hidden); ${HELP}`],
  ['a raw key for a field', consumer('keys: [{ sk-live-1: }]'),
    `3:10 /consumers/0/keys/0/sha256 expected the SHA-256 of the key, as 64 hex digits; got nothing; ${HELP}`,
    `3:10 /consumers/0/keys/0 expected sha256; got (hidden); ${HELP}`],
  ['a consumer without a key', consumer('keys: []'), `3:3 /consumers/0/keys expected ${LIST}; got (hidden); ${HELP}`],

  ['a chain that is a word', 'chains: { guarded: pii }', '1:11 /chains/guarded expected a list or a mapping; got "pii"'],
  ['a chain of nothing', 'chains:\n  guarded:', '2:3 /chains/guarded expected a list or a mapping; got nothing'],
  ['a chain with a third way', 'chains: { guarded: { up: [] } }',
    '1:22 /chains/guarded/up expected one of request, response; got "up"'],
  ['an unknown key of a step', step('optoins: {}'),
    `4:5 /chains/guarded/0/optoins expected ${STEP}; got "optoins"; did you mean "options"?`],
  ['a group of one', 'chains: { guarded: [{ together: [pii] }] }',
    '1:23 /chains/guarded/0/together expected a list with at least 2 entries; got a list'],
  ['a step of a group', 'chains: { guarded: [{ together: [pii, { use: pii, mode: shadwo }] }] }',
    '1:51 /chains/guarded/0/together/1/mode expected one of enforce, shadow, off; got "shadwo"; did you mean "shadow"?'],
  ['a place to run that is none', step('run: thread'), '4:5 /chains/guarded/0/run expected one of inline, pool, sandbox; got "thread"'],
  ['an unknown mode', step('mode: shadwo'),
    '4:5 /chains/guarded/0/mode expected one of enforce, shadow, off; got "shadwo"; did you mean "shadow"?'],
  ['an unknown right', step('rights: [edit, delete]'),
    '4:20 /chains/guarded/0/rights/1 expected one of annotate, edit, block, respond; got "delete"'],
  ['an unknown action', step('actions: { email: masc }'),
    `4:16 /chains/guarded/0/actions/email expected ${ACTION}; got "masc"; did you mean "mask"?`],
  ['an action for no type', step('actions: { "a b": mask }'),
    '4:16 /chains/guarded/0/actions/a b expected a type of finding, or *; got "a b"'],
  ['an unknown origin', step('reads: { origins: [users] }'),
    `4:24 /chains/guarded/0/reads/origins/0 expected ${ORIGIN}; got "users"; did you mean "user"?`],
  ['an unknown channel', step('reads: { channels: [speech] }'),
    `4:25 /chains/guarded/0/reads/channels/0 expected ${CHANNEL}; got "speech"`],
  ['an unknown policy', step('onError: open-ended'),
    '4:5 /chains/guarded/0/onError expected one of open, closed; got "open-ended"'],
  ['a breaker that never closes', step('breaker: { failures: 0 }'),
    '4:16 /chains/guarded/0/breaker/failures expected a whole number from 1 to 1000; got 0'],
  ['a breaker without a pause', step('breaker: { pause: 0 }'), `4:16 /chains/guarded/0/breaker/pause expected ${DURATION}; got 0`],
  ['a refusal that says it is none', step('blockResponse: { status: 200 }'),
    '4:22 /chains/guarded/0/blockResponse/status expected a whole number from 400 to 599; got 200'],
  ['a step on the way up', 'chains: { guarded: { response: [{ use: pii, timeout: 0 }] } }',
    `1:45 /chains/guarded/response/0/timeout expected ${DURATION}; got 0`],

  ['no routes', 'routes: []', `1:1 /routes expected ${LIST}; got an empty list`],
  ['routes as a mapping', 'routes: { all: {} }', `1:1 /routes expected ${LIST}; got a mapping`],
  ['a route of nothing', 'routes: [{}]',
    `1:10 /routes/0/name expected ${NAME}; got nothing`, `1:10 /routes/0/targets expected ${LIST}; got nothing`],
  ['a name that is a number', 'routes: [{ name: 1, targets: [{ provider: echo }] }]',
    `1:12 /routes/0/name expected ${NAME}; got 1; put it in quotes`],
  ['a list with a number in it', route('match: { model: [a, 4] }'),
    '4:12 /routes/0/match/model expected a string or a list of strings; got a list'],
  ['a match for something else', route('match: { modle: a }'),
    '4:12 /routes/0/match/modle expected one of model, dialect, path, consumer, tags, header, size; got "modle"; did you mean "model"?'],
  ['a header in capitals', route('match: { header: { X-Tier: gold } }'),
    '4:22 /routes/0/match/header/X-Tier expected the name of a header, in lower case; got "X-Tier"'],
  ['a tag that must be nothing', route('match: { tags: { team: [] } }'),
    '4:20 /routes/0/match/tags/team expected a string or a list of strings; got an empty list'],
  ['a size without bounds', route('match: { size: {} }'), '4:12 /routes/0/match/size expected a mapping that is not empty; got an empty mapping'],
  ['a size in words', route('match: { size: { above: much } }'), `4:20 /routes/0/match/size/above expected ${SIZE}; got "much"`],
  ['a weight below 0', 'routes: [{ name: a, targets: [{ provider: echo, weight: -1 }] }]',
    '1:49 /routes/0/targets/0/weight expected a number from 0 to 1000000; got -1'],
  ['a price that is none', 'prices: { m: { input: -1, output: 1 } }', '1:16 /prices/m/input expected a number from 0 to 1000000; got -1'],
  ['half a price', 'prices: { m: { input: 1 } }', '1:11 /prices/m/output expected a number from 0 to 1000000; got nothing'],
  ['a price of something else', 'prices: { m: { input: 1, output: 1, cached: 1 } }',
    '1:37 /prices/m/cached expected one of input, output, cacheRead, cacheWrite, cacheWriteHour, reasoning, inputAudio, inputImage, outputAudio, outputImage, request; got "cached"'],
  ['a price in words', 'prices: { m: { input: 1, output: 1, request: 1 cent } }', '1:37 /prices/m/request expected a number from 0 to 1000; got "1 cent"'],
  ['a price of no model', 'prices: { "a b": { input: 1, output: 1 } }',
    '1:11 /prices/a b expected a model as targets are asked for it, or provider/model; got "a b"'],
  ['an unknown balance', route('balance: cheap'),
    '4:3 /routes/0/balance expected one of weighted, priority, round-robin, least-busy, fastest, cheapest, sticky; got "cheap"'],
  ['a mirror that is more than all', route('mirror: { provider: echo, share: 2 }'),
    '4:29 /routes/0/mirror/share expected a number from 0 to 1; got 2'],
  ['a loss that is allowed', route('onLoss: allow'), '4:3 /routes/0/onLoss expected one of warn, reject; got "allow"'],
  ['a model that thinks in a way of its own', 'models: { "claude-*": { thinking: deep } }',
    '1:25 /models/claude-*/thinking expected one of none, budget, effort, adaptive; got "deep"'],
  ['a model without a name', 'models: { "a b": {} }', '1:11 /models/a b expected the name of a model, or a glob; got "a b"'],
  ['a weight on a fallback', route('fallback: [{ provider: echo, weight: 2 }]'),
    '4:32 /routes/0/fallback/0/weight expected one of provider, model; got "weight"'],
  ['several at once, in the order of the text', 'workers: many\ndrain: never\nlisten: { prot: 1 }',
    '1:1 /workers expected auto, or a number from 1 to 999; got "many"',
    `2:1 /drain expected ${DURATION}; got "never"`,
    '3:11 /listen/prot expected one of host, port; got "prot"; did you mean "port"?'],
]

describe('what does not fit is named, with its place', () => {
  for (const [name, lines, ...problems] of cases) {
    test(name, async () => assert.deepEqual(await complaint(lines), problems))
  }
})

test('the schema is plain JSON, for editors', () => {
  const { type, required } = JSON.parse(JSON.stringify(configSchema)) as { type: string; required: string[] }
  assert.deepEqual([type, required], ['object', ['providers', 'routes']])
})
