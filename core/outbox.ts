// Answers that are ready leave together, at the end of a turn of the event loop. Used by reply.ts; one per gateway.
import type { ServerResponse } from 'node:http'
import type { Journal } from './journal.ts'

/**
 * Bytes up to which copying is cheaper than a second piece: Node joins a head and a short string to one write, a head
 * and a Buffer to two pieces of one, at a tenth of a request's CPU. In latin1 every byte is one character, so nothing
 * changes on the way.
 */
const SHORT = 16 * 1024

/**
 * Last bytes that wait for the end of the turn. A write wakes the receiver where it sleeps, which costs the sender more
 * than all else in it. Written one after another, the first wakes it for all; written as each was ready, with the work on
 * the next in between, it has gone back to sleep each time. That was a quarter of a request's CPU under load; where
 * requests come one by one, the end of the turn is now.
 */
export class Outbox {
  readonly #journal: Journal | undefined
  #ready: { readonly raw: ServerResponse; readonly bytes: Buffer | undefined }[] = []

  /** With a journal, what it was told of the answers is on disk before any of them leaves. */
  constructor(journal?: Journal) {
    this.#journal = journal
  }

  /** Ends a response, with these bytes where there are any, in a moment. */
  end(raw: ServerResponse, bytes: Buffer | undefined): void {
    const waiting = this.#ready.push({ raw, bytes })
    if (waiting === 1) setImmediate(() => this.#leave())
  }

  #leave(): void {
    const ready = this.#ready
    this.#ready = []
    this.#journal?.flush()
    for (const { raw, bytes } of ready) {
      if (bytes === undefined) raw.end()
      else if (bytes.length < SHORT) raw.end(bytes.toString('latin1'), 'latin1')
      else raw.end(bytes)
    }
  }
}
