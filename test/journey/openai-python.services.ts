import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { HEARD, HOUSE, KEY, SAID, TOKENS, TOLD, UNTOLD } from './client-house.ts'
import { openRig } from './rig.ts'

const CLIENT = 'openai==3.52.0'
const CHECK = join(import.meta.dirname, 'openai-python', 'check.py')

/** Runs a program for at most two minutes; resolves with how it ended and all that it said. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ failed: boolean; text: string }> {
  return new Promise(resolve => {
    execFile(program, args, { timeout: 120_000, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      // The message of the error repeats stderr.
      resolve({ failed: error !== null, text: `${stdout}${error?.message ?? stderr}` })
    })
  })
}

test(`the official Python client, ${CLIENT}, with nothing but its base URL changed`, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-python-'))
  t.after(() => rm(folder, { recursive: true }))
  const made = await run('python3', ['-m', 'venv', folder])
  assert.ok(!made.failed, `this test needs Python 3 and its venv: apt-get install python3-venv\n${made.text}`)
  const python = join(folder, 'bin', 'python')
  const installed = await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', CLIENT])
  assert.ok(!installed.failed, installed.text)

  const { url } = await openRig(t, HOUSE)
  const texts = { said: SAID, heard: HEARD, tokens: TOKENS, told: TOLD, untold: UNTOLD }
  const house = { url: `${url}/v1`, key: KEY, model: 'guarded/model', ...texts }
  const { failed, text } = await run(python, [CHECK], { GATEHOUSE: JSON.stringify(house) })
  assert.ok(!failed, text)
  assert.match(text, /^Ran [1-9]\d* tests/m)
})
