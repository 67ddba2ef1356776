import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_CHAIN, type Chain } from '../../core/chain.ts'
import { strictly } from '../../core/chain-compiler.ts'
import type { Step } from '../../core/step.ts'
import { stepOf } from './toy-step.ts'

const step = (kind: Step['kind'], mode: Step['mode'], group = -1): Step => stepOf({ inspect: () => [] }, { kind, mode, group, sample: mode === 'shadow' ? 0.1 : 1 })
const told = (steps: readonly Step[]) => steps.map(({ kind, mode, sample }) => [kind, mode, sample])

test('strictly, every detector is enforced on all requests, and nothing else changes its mode', () => {
  const request = [step('detector', 'shadow', 0), step('detector', 'enforce', 0), step('transform', 'shadow'), step('responder', 'shadow')]
  const chain: Chain = { ...NO_CHAIN, request, groups: [request.slice(0, 2), [request[2]!], [request[3]!]], beside: [step('detector', 'shadow')], response: [request[0]!] }
  const strict = strictly(chain)
  assert.deepEqual(told(strict.request), [
    ['detector', 'enforce', 1], ['detector', 'enforce', 1], ['transform', 'shadow', 0.1], ['responder', 'shadow', 0.1],
  ])
  assert.deepEqual(strict.groups.map(group => group.length), [2, 1, 1])
  assert.deepEqual(strict.groups.flat(), strict.request)
  assert.deepEqual([told(strict.beside), told(strict.response)], [[['detector', 'enforce', 1]], [['detector', 'enforce', 1]]])
})
