// Two hosts: one that serves, and one that stands by with the same processors in it. Where the first dies the second takes
// over at once, and what the first had in hand is asked again, for processors are pure. Used by hosts.ts.
import { HostProcess } from './host-process.ts'
import type { Job } from './job.ts'

/** Something for the log and the metrics. `processor` is an id, or empty where no processor is to blame. */
export interface HostEvent {
  readonly kind: 'retired' | 'strike' | 'quarantined' | 'restarted'
  readonly processor: string
  readonly reason: string
}

/** What a pair tells, and asks, about processors. */
export interface Judge {
  happened(event: HostEvent): void
  /** A processor brought a host down. */
  blame(id: string, reason: string): void
  /** True where a processor is in quarantine: no host is asked to run it. */
  leavesOut(id: string): boolean
}

const LONGEST_PAUSE = 5000
/** The reason where nobody saw what happened. */
export const UNKNOWN = 'died of an unknown cause'
/** The reason where somebody outside the house did it: what ran there runs again. */
const KILLED = 'was killed'

/** A host, and the processors that it was told to open. */
interface Host {
  readonly process: HostProcess
  readonly opened: Set<number>
  readonly jobs: Set<Job>
  /** True once it has said something: where it dies before that, none of its jobs had begun. */
  answered: boolean
}

/** The pair. */
export class HostPair {
  readonly #judge: Judge
  readonly #kept = new Map<number, { readonly id: string, readonly payload: string }>()
  #serving: Host | undefined
  #standby: Host | undefined
  /** Jobs that wait for a host, in order. */
  readonly #line: Job[] = []
  /** Jobs that may have killed a host. They go first, each alone, so that the next death leaves no doubt. */
  readonly #suspects: Job[] = []
  #trial: Job | undefined
  #pause: NodeJS.Timeout | undefined
  #earlyDeaths = 0
  #closed = false

  constructor(judge: Judge) {
    this.#judge = judge
  }

  get pids(): readonly number[] {
    return [this.#serving, this.#standby].flatMap(host => host?.process.pid ?? [])
  }

  /** Forks both. Rejects where the first dies before it answers. */
  async start(): Promise<void> {
    this.#fill(false)
    const { process } = this.#serving!
    const answered = new Promise<boolean>(resolve => process.ask('ping', '-', () => resolve(true)))
    if (await Promise.race([answered, process.ended.then(() => false)])) return
    await this.close()
    throw new Error('A sandbox host does not start: is isolated-vm installed for this Node?')
  }

  /** Sees to it that every host has a processor that was opened in one. */
  keep(key: number, id: string, payload: string): void {
    this.#kept.set(key, { id, payload })
    if (this.#standby !== undefined) this.#equip(this.#standby, key)
  }

  /** Forgets a processor. */
  drop(key: number): void {
    this.#kept.delete(key)
    for (const host of [this.#serving, this.#standby]) {
      if (host?.opened.delete(key)) host.process.tell('close', `${key}`)
    }
  }

  /** Takes a job, which ends when it is answered, when its time is over or when the pair is closed. */
  submit(job: Job): void {
    if (this.#closed) return job.end('closed', '')
    if (this.#serving === undefined || this.#trial !== undefined) this.#line.push(job)
    else this.#ask(this.#serving, job)
  }

  /** Ends both hosts. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#pause)
    const hosts = [this.#serving, this.#standby].filter(host => host !== undefined)
    this.#serving = this.#standby = this.#trial = undefined
    const jobs = [...hosts.flatMap(host => [...host.jobs]), ...this.#suspects.splice(0), ...this.#line.splice(0)]
    for (const job of jobs) job.end('closed', '')
    for (const { process } of hosts) process.kill()
    await Promise.all(hosts.map(host => host.process.ended))
  }

  #ask(host: Host, job: Job): void {
    if (this.#isMoot(job)) return
    if (job.verb === 'call') this.#equip(host, job.key)
    if (job.verb === 'open') host.opened.add(job.key)
    host.jobs.add(job)
    job.onLate = () => host.process.challenge()
    host.process.ask(job.verb, job.order, (outcome, body) => this.#answered(host, job, outcome, body))
  }

  /** True where a job ends unasked: nobody waits for it any more, or its processor is left out. */
  #isMoot(job: Job): boolean {
    if (!job.settled && !this.#judge.leavesOut(job.id)) return false
    job.end('refused', '')
    return true
  }

  #answered(host: Host, job: Job, outcome: string, body: string): void {
    host.jobs.delete(job)
    job.onLate = () => {}
    job.end(outcome, body)
    if (job === this.#trial) this.#trial = undefined
    if (outcome === 'fatal') this.#retire(host, body, job.id)
    else if (this.#trial === undefined) this.#advance()
  }

  /** Opens a kept processor in a host that has not got it yet. */
  #equip(host: Host, key: number): void {
    const kept = this.#kept.get(key)
    if (kept === undefined || host.opened.has(key) || this.#judge.leavesOut(kept.id)) return
    host.opened.add(key)
    host.process.ask('open', `${key} ${kept.payload}`, (outcome, body) => {
      if (outcome === 'fatal') this.#retire(host, body, kept.id)
    })
  }

  /** Sends what waits: suspects one by one, then all that is in line. */
  #advance(): void {
    const host = this.#serving
    if (host === undefined || this.#trial !== undefined) return
    for (let job = this.#suspects.shift(); job !== undefined; job = this.#suspects.shift()) {
      if (this.#isMoot(job)) continue
      this.#trial = job
      return this.#ask(host, job)
    }
    for (const job of this.#line.splice(0)) this.#ask(host, job)
  }

  /** Takes a host out of service for what a processor did (`culprit`), or because it is dead. */
  #retire(host: Host, reason: string, culprit: string | undefined): void {
    if (host !== this.#serving && host !== this.#standby) return
    host.process.kill()
    if (host === this.#serving) this.#serving = this.#standby
    this.#standby = undefined
    this.#earlyDeaths = host.answered ? 0 : this.#earlyDeaths + 1
    this.#judge.happened({ kind: 'retired', processor: culprit ?? '', reason })
    const jobs = [...host.jobs]
    for (const job of jobs) job.onLate = () => {}
    if (culprit !== undefined) this.#judge.blame(culprit, reason)
    if (culprit !== undefined || !host.answered || isChance(jobs, reason)) this.#line.unshift(...jobs)
    else this.#suspect(jobs, reason)
    if (this.#trial !== undefined && host.jobs.has(this.#trial)) this.#trial = undefined
    this.#refill()
    this.#advance()
  }

  /** Nobody knows who did it: the oldest call of each processor was running, or about to. */
  #suspect(jobs: readonly Job[], reason: string): void {
    const suspects = new Map(jobs.toReversed().map(job => [job.key, job]))
    const only = suspects.size === 1 ? jobs[0] : undefined
    if (only !== undefined) this.#judge.blame(only.id, reason)
    for (const job of jobs) {
      if (job === this.#trial) job.end('fatal', reason)
      else if (suspects.get(job.key) === job) this.#suspects.push(job)
      else this.#line.push(job)
    }
  }

  #refill(): void {
    if (this.#closed || this.#pause !== undefined) return
    if (this.#earlyDeaths < 2) return this.#fill()
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#fill()
      this.#advance()
    }, Math.min(LONGEST_PAUSE, 50 * 2 ** this.#earlyDeaths))
  }

  #fill(again = true): void {
    this.#serving ??= this.#fork(again)
    this.#standby ??= this.#fork(again)
  }

  #fork(again: boolean): Host {
    const process = new HostProcess()
    const host: Host = { process, opened: new Set(), jobs: new Set(), answered: false }
    for (const key of this.#kept.keys()) this.#equip(host, key)
    process.ask('ping', '-', () => {
      host.answered = true
      if (again) this.#judge.happened({ kind: 'restarted', processor: '', reason: '' })
    })
    void process.ended.then(() => this.#retire(host, process.wasKilled ? KILLED : UNKNOWN, undefined))
    return host
  }
}

/** Killed from outside with these in hand: once is chance. A second time, one of them may have eaten the system's memory. */
function isChance(jobs: readonly Job[], reason: string): boolean {
  if (reason !== KILLED || jobs.some(job => job.wasHit)) return false
  for (const job of jobs) job.wasHit = true
  return true
}
