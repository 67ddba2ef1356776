import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNot } from '../../core/near-miss.ts'

const chat = {
  model: 'gpt-4o', dialect: 'openai-chat', path: '/v1/chat/completions', consumer: 'research', tags: { team: 'lab' },
  headers: {}, size: 512, unread: false,
}
const upload = { ...chat, model: '', dialect: 'openai-raw', path: '/v1/files', unread: true }

const misses: { match: Parameters<typeof whyNot>[0]; request: typeof chat; why: string }[] = [
  { match: { model: ['claude-*', 'o1'] }, request: chat, why: 'model is none of claude-*, o1' },
  { match: { model: ['gpt-*'], consumer: ['sales'] }, request: chat, why: 'consumer is none of sales' },
  { match: { model: ['o1'], dialect: ['openai-embeddings'] }, request: chat, why: 'model is none of o1; dialect is none of openai-embeddings' },
  { match: { model: ['*'] }, request: upload, why: 'the body is passed on unread, and no path is named' },
  { match: { tags: { team: ['sales'] }, header: { 'x-tier': ['gold'] } }, request: chat, why: 'tag team is none of sales; header x-tier is none of gold' },
  { match: { size: { above: 1024, below: 2048 } }, request: chat, why: 'size is not above 1024 and below 2048 bytes' },
  { match: { size: { above: 1024 } }, request: chat, why: 'size is not above 1024 bytes' },
  { match: { path: ['/v1/audio/*'], model: ['gpt-*'] }, request: upload, why: 'path is none of /v1/audio/*' },
]
for (const { match, request, why } of misses) test(why, () => assert.equal(whyNot(match, request), why))
