// The port that the workers will share: found, and tried, before any of them starts. Used by core/supervisor.ts.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Address } from '../config/config.ts'

/** Where to listen. */
export interface Place {
  readonly port: number
  /**
   * True where every worker can have a listening socket of its own on the port, and the system spreads connections over
   * them (Linux, the newer BSDs, Solaris, AIX). Where it cannot, Node fails with an error, so it is tried.
   */
  readonly reusePort: boolean
}

/**
 * Finds the port. Rejects where the address is taken: the workers' own sockets would not notice, since `reusePort` lets
 * a second gateway of the same user take half of the first one's traffic.
 */
export async function findPort({ host, port }: Address): Promise<Place> {
  const found = await tryPort(host, port, false)
  try {
    return { port: await tryPort(host, found, true), reusePort: true }
  } catch {
    return { port: found, reusePort: false }
  }
}

async function tryPort(host: string, port: number, reusePort: boolean): Promise<number> {
  const probe = createServer().listen({ host, port, reusePort, exclusive: true })
  await once(probe, 'listening')
  const found = (probe.address() as AddressInfo).port
  probe.close()
  await once(probe, 'close')
  return found
}
