// What this machine offers to a measurement: cores to pin to, programs that are installed, free ports.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'

/** Where a program stands, or undefined where it is not installed. Daemons live outside of most users' PATH. */
export function installed(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map(folder => join(folder, program)).find(path => existsSync(path))
}

/** Numbers of the cores that this process may run on, from a list such as `0-2,5` (proc_pid_status(5)). */
export function allowedCores(list: string): readonly number[] {
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** The core of whatever is measured, and the core of what measures it. */
export interface Pinning {
  readonly server: number
  readonly load: number
}

/** Two cores to pin to; undefined, with nothing pinned, where taskset or the second core is missing. */
export function pinning(): Pinning | undefined {
  if (!installed('taskset')) return undefined
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const [server, load] = allowedCores(list)
  return server === undefined || load === undefined ? undefined : { server, load }
}

/** A command line that runs on one core; as it was, without a core. */
export function pinned(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command]
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
