// Pinning: which cores there are, and what a pinned command line looks like.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { allowedCores, freePort, installed, pinned } from '../../bench/machine.ts'

const LISTS: [list: string, cores: number[]][] = [
  ['0-1', [0, 1]],
  ['3', [3]],
  ['0-2,5,8-9', [0, 1, 2, 5, 8, 9]],
]

for (const [list, cores] of LISTS) {
  test(`cores of ${list}`, () => assert.deepEqual(allowedCores(list), cores))
}

test('a command is pinned where there is a core for it', () => {
  assert.deepEqual(pinned(3, ['nginx', '-t']), ['taskset', '-c', '3', 'nginx', '-t'])
  assert.deepEqual(pinned(undefined, ['nginx', '-t']), ['nginx', '-t'])
})

test('a program is found where it stands', () => {
  assert.match(installed('sh') ?? '', /\/sh$/)
  assert.equal(installed('no-such-program'), undefined)
})

test('a free port refuses connections', async () => {
  const port = await freePort()
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  connect(port, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).on('connect', () => resolve('taken'))
  assert.equal(await promise, 'ECONNREFUSED')
})
