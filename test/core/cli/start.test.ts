import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { configIn, greeting, start } from '../../../core/cli/start.ts'

async function folderWith(t: TestContext, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const cases: { name: string; files: string[]; found: RegExp }[] = [
  { name: 'its own YAML first', files: ['gatehouse.yaml', 'gatehouse.json'], found: /gatehouse\.yaml$/ },
  { name: 'then its own JSON', files: ['gatehouse.json', 'house.yaml'], found: /gatehouse\.json$/ },
  { name: 'else the example', files: ['house.yaml'], found: /config\/examples\/quickstart\.yaml$/ },
]
for (const { name, files, found } of cases) {
  test(`the config of a folder: ${name}`, async t => {
    const folder = await folderWith(t, Object.fromEntries(files.map(file => [file, '{}'])))
    assert.match(configIn(folder), found)
  })
}

test('the greeting names the addresses, and for the example what to try', () => {
  const serving = { listen: 'http://127.0.0.1:8080', admin: 'http://127.0.0.1:9090' }
  const listening = 'gatehouse: listening on http://127.0.0.1:8080'
  assert.equal(greeting(serving, false), `${listening}, with the control plane on http://127.0.0.1:9090`)
  assert.equal(greeting({ ...serving, admin: undefined }, false), listening)
  const [, address, body] = /^ {2}curl (\S+) -H 'content-type: application\/json' -d '(.*)'$/m.exec(greeting(serving, true))!
  assert.equal(address, 'http://127.0.0.1:8080/v1/chat/completions')
  assert.deepEqual(Object.keys(JSON.parse(body!) as object), ['model', 'messages'])
})

const broken: { name: string; text: string | undefined; says: RegExp }[] = [
  { name: 'is not there', text: undefined, says: /house\.yaml/ },
  { name: 'has a problem', text: 'routes: 7\n', says: /house\.yaml:1:\d+ \/routes expected/ },
  {
    name: 'names a provider that is none',
    text: 'providers: { a: { use: ecko } }\nroutes: [{ name: all, match: {}, targets: [{ provider: a }] }]\n',
    says: /as "echo"/,
  },
]
for (const { name, text, says } of broken) {
  test(`a config that ${name} is told of on stderr, and nothing starts`, async t => {
    const folder = await folderWith(t, text === undefined ? {} : { 'house.yaml': text })
    const printed = { out: '', err: '' }
    const code = await start.run({ options: { config: join(folder, 'house.yaml') }, operands: [] }, {
      out(line) { printed.out += line },
      err(line) { printed.err += line },
    })
    assert.equal(code, 1)
    assert.match(printed.out, /^gatehouse: the config is .*house\.yaml$/)
    assert.match(printed.err, says)
  })
}
