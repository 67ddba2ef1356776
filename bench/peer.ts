// The other servers of the bench: the bare proxy, the fake upstream, nginx, and the best-known gateway in TypeScript.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ANSWER, ANTHROPIC_ANSWER, ANTHROPIC_PATH } from './answer.ts'
import type { Candidate } from './candidate.ts'
import { installed } from './machine.ts'
import { QUESTION } from './scenario.ts'

/** The floor that everything is compared with. */
export const bare: Candidate = {
  name: 'bare',
  about: 'node:http in front of undici, and nothing else',
  load: QUESTION,
  command: (upstream, port) => [process.execPath, join(import.meta.dirname, 'bare-proxy.ts'), String(port), upstream],
}

/** The floor for what asks no upstream. */
export const answer: Candidate = {
  name: 'answer',
  about: 'node:http that gives the same answer by itself',
  load: QUESTION,
  command: (_, port) => streamUpstream(port),
}

/** The same floor with the framework that the gateway stands on. */
export const fastify: Candidate = {
  name: 'fastify',
  about: 'Fastify that gives the same answer by itself',
  load: QUESTION,
  command: (_, port) => [process.execPath, join(import.meta.dirname, 'fastify-answer.ts'), String(port)],
}

/** nginx as a plain proxy: what a proxy costs that is not written in JavaScript. */
export function nginx(): Candidate {
  return {
    name: 'nginx',
    about: 'a plain proxy with kept-alive upstream connections',
    load: QUESTION,
    ...(installed('nginx') === undefined && { missing: 'nginx is not installed: apt-get install nginx-light' }),
    command: (upstream, port, folder) => nginxWith(folder, 'nginx', `
      upstream origin { server ${new URL(upstream).host}; keepalive 64; }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }`),
  }
}

/** Portkey's gateway without any hook. Not a dependency: the folder that it was installed in is named by PORTKEY_DIR. */
export function portkey(upstream: string): Candidate {
  const entry = join(process.env['PORTKEY_DIR'] ?? '.', 'node_modules/@portkey-ai/gateway/build/start-server.js')
  const headers = { ...QUESTION.headers, 'x-portkey-provider': 'openai', 'x-portkey-custom-host': `${upstream}/v1` }
  return {
    name: 'portkey',
    about: '@portkey-ai/gateway from npm, no hooks',
    load: { ...QUESTION, headers },
    ...(!existsSync(entry) && { missing: '@portkey-ai/gateway is not in PORTKEY_DIR; bench/README.md says how to get it' }),
    command: (_, port) => [process.execPath, entry, `--port=${port}`, '--headless'],
  }
}

/** The fake upstream for whole answers: nginx if it can be, since a Node program would be as slow as what is measured. */
export function wholeUpstream(port: number, folder: string): readonly string[] {
  if (!installed('nginx')) return streamUpstream(port)
  return nginxWith(folder, 'upstream', `
      server {
        listen 127.0.0.1:${port}; default_type application/json;
        location / { return 200 '${ANSWER}'; }
        location = ${ANTHROPIC_PATH} { return 200 '${ANTHROPIC_ANSWER}'; }
      }`)
}

/** The fake upstream for streams. */
export function streamUpstream(port: number): readonly string[] {
  return [process.execPath, join(import.meta.dirname, 'upstream.ts'), String(port)]
}

// One process in the foreground, nothing on disk, connections that live as long as the load.
function nginxWith(folder: string, name: string, http: string): readonly string[] {
  const file = join(folder, `${name}.conf`)
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(use => `${use}_temp_path ${folder}/${name};`).join(' ')
  writeFileSync(file, `daemon off; master_process off; error_log stderr warn; pid ${folder}/${name}.pid;
    events { worker_connections 1024; }
    http { access_log off; keepalive_requests 100000000; ${scratch}${http}
    }\n`)
  return [installed('nginx') ?? 'nginx', '-c', file]
}
