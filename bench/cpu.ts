// CPU time of a server with all its processes, from Linux's /proc. Called by bench/measure.ts before and after a load.
import { readdirSync, readFileSync } from 'node:fs'

/** What one line of `/proc/PID/stat` says of a process. */
export interface Stat {
  readonly pid: number
  readonly parent: number
  /** Microseconds on a core, of its own and of children that ended. */
  readonly time: number
}

// One tick is a hundredth of a second for every program on Linux, whatever the kernel counts in.
const TICK = 10_000

/** Reads a stat line (proc_pid_stat(5)). The command's name stands in brackets and may hold anything, brackets too. */
export function readStat(line: string): Stat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ').map(Number)
  const [, parent = 0, , , , , , , , , , user = 0, system = 0, childUser = 0, childSystem = 0] = fields
  return { pid: Number.parseInt(line, 10), parent, time: (user + system + childUser + childSystem) * TICK }
}

/** Sum over a process and everything that descends from it. A child that ends hands its time on, so none gets lost. */
export function treeTime(root: number, stats: readonly Stat[]): number {
  const own = stats.find(stat => stat.pid === root)?.time ?? 0
  return stats.filter(stat => stat.parent === root).reduce((sum, child) => sum + treeTime(child.pid, stats), own)
}

/** Microseconds of CPU that a process and its descendants have used so far. */
export function cpuTime(root: number): number {
  const stats = readdirSync('/proc').filter(entry => /^\d+$/.test(entry)).flatMap(entry => {
    try {
      return [readStat(readFileSync(`/proc/${entry}/stat`, 'utf8'))]
    } catch {
      return [] // ended between the two reads
    }
  })
  return treeTime(root, stats)
}
