// How late the I/O loop of a worker was, from the metrics that the gateway itself gives. Called by bench/places.ts.

/** Milliseconds by which the loop was late. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
}

/**
 * Milliseconds between two looks of Node's `monitorEventLoopDelay` as prom-client sets it up. What it records is the whole
 * time from one look to the next.
 */
const INTERVAL = 10

/** Reads the page of a gateway with one worker. Throws where the page does not tell. */
export function readLoopDelay(page: string): LoopDelay {
  const late = (which: string): number => {
    const seconds = new RegExp(`^nodejs_eventloop_lag_${which}_seconds (\\S+)$`, 'm').exec(page)?.[1]
    if (seconds === undefined) throw new Error(`the metrics do not tell the ${which} of the loop's delay`)
    return Math.max(0, Number(seconds) * 1000 - INTERVAL)
  }
  return { p50: late('p50'), p99: late('p99') }
}

/** The delay since it was asked last: each look at the page begins anew. `admin` is the origin of the control plane. */
export async function loopDelay(admin: string, signal: AbortSignal): Promise<LoopDelay> {
  const answer = await fetch(`${admin}/metrics`, { signal })
  return readLoopDelay(await answer.text())
}
