// What the system tells of processes, by way of /proc: whose children they are and how much memory they take. Used by
// hostile.test.ts and by test/chaos/.
import { readdirSync, readFileSync } from 'node:fs'

/** The command lines of the processes that a process started and that still run, by id. */
export function childrenOf(parent: number): Map<number, string> {
  const children = new Map<number, string>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    // The name of the program stands in parentheses, and may hold anything.
    const [state, its] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(its) === parent && state !== 'Z') children.set(Number(name), read(`/proc/${name}/cmdline`).replaceAll('\0', ' '))
  }
  return children
}

/** The sandbox hosts of a worker, oldest first. */
export function hostsOf(worker: number): number[] {
  return [...childrenOf(worker)].filter(([, command]) => command.includes('sandbox/host.ts')).map(([pid]) => pid)
}

/** Megabytes that a process holds in memory; 0 where it is gone. */
export function megabytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
