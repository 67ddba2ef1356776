// The chain of audit entries: each carries a hash over itself and the one before, and the head, kept in a second place, is
// sealed with a key. The same in every ledger, so that an export of one can be checked without it. Pure: who keeps a chain
// brings the hash and the seal.
import type { AuditEntry, AuditFault, AuditHead, AuditRecord, AuditReport } from './store.ts'

/** Both give 64 hex digits: SHA-256 of a text, and HMAC-SHA-256 of it with the ledger's key. */
export interface AuditSeals {
  hash(text: string): string
  seal(text: string): string
}

/** An audit entry as it stands in a table. `detail` is JSON. */
export interface AuditRow extends Omit<AuditEntry, 'kind' | 'detail'> {
  /** Counts from 1. */
  readonly sequence: number
  readonly detail: string
  /** The hash of the entry before; 64 zeros for the first. */
  readonly previous: string
  /** SHA-256 of the row's canonical JSON (RFC 8785), without this field and with `detail` as an object; its text is canonical. */
  readonly hash: string
}

/** What a ledger remembers of its chain: the head, and the highest sequence among the rows (0 where there are none). */
export interface AuditEnd {
  readonly head: AuditHead | undefined
  readonly last: number
}

const GENESIS = '0'.repeat(64)
/** Beyond these many, more faults tell nothing new. */
const MOST_FAULTS = 100
/** Rows that are asked for at once: hashing them holds the loop for some milliseconds. */
const PAGE = 500

/** The head of a chain without entries. */
export function emptyHead(seals: AuditSeals): AuditHead {
  return sealed(0, GENESIS, seals)
}

/**
 * Takes entries into the chain. Where the head does not bear the seal, or is behind the rows, somebody else has written to
 * it and may have cut entries off: then one number is left out, and `verifyAudit` tells of it for ever.
 */
export class AuditLinks {
  readonly #seals: AuditSeals
  #sequence: number
  #hash: string
  #added = 0

  constructor({ head, last }: AuditEnd, seals: AuditSeals) {
    const isTrue = head !== undefined && isSealed(head, seals) && head.sequence >= last
    this.#seals = seals
    this.#sequence = isTrue ? head.sequence : Math.max(head?.sequence ?? 0, last) + 1
    this.#hash = head?.hash ?? GENESIS
  }

  /** The row of the next entry. */
  add({ id, at, actor, action, subject, detail }: AuditEntry): AuditRow {
    const row = {
      sequence: this.#sequence + 1, previous: this.#hash,
      id: storable(id), at, actor: storable(actor), action: storable(action), subject: storable(subject),
      detail: canonical(Object.fromEntries(Object.entries(detail).map(([name, value]) =>
        [storable(name), typeof value === 'string' ? storable(value) : value]))),
    }
    this.#added++
    this.#sequence = row.sequence
    this.#hash = hashOf(row, this.#seals)
    return { ...row, hash: this.#hash }
  }

  /** Entries that it took. */
  get added(): number { return this.#added }

  /** The new head. */
  get head(): AuditHead { return sealed(this.#sequence, this.#hash, this.#seals) }
}

/**
 * Walks a chain: `page` gives some rows after a sequence, in their order, and none where there are no more. Finds what is
 * missing, altered or swapped, and, by the head, what was cut off at the end. A chain that was taken back to an earlier state
 * together with its head looks whole; that shows only against a head that was noted elsewhere.
 */
export async function verifyAudit(
  { head, last }: AuditEnd, page: (after: number, count: number) => Promise<readonly AuditRow[]>, seals: AuditSeals,
): Promise<AuditReport> {
  const faults: AuditFault[] = []
  const report = (sequence: number, what: AuditFault['what']): void => {
    const isTold = faults.some(fault => fault.sequence === sequence && fault.what === what)
    if (!isTold && faults.length < MOST_FAULTS) faults.push({ sequence, what })
  }
  let entries = 0
  let before = { sequence: 0, hash: GENESIS }
  for (let rows = await page(0, PAGE); rows.length > 0; rows = await page(before.sequence, PAGE)) {
    for (const row of rows) {
      // What came after the head was read is none of its business.
      if (row.sequence > last) break
      if (row.sequence > before.sequence + 1) report(before.sequence + 1, 'missing')
      if (row.hash !== hashOf(row, seals)) report(row.sequence, 'altered')
      // A row that fits its own hash, but not the next one's memory, was written anew.
      else if (row.sequence === before.sequence + 1 && row.previous !== before.hash) report(before.sequence || 1, 'altered')
      before = row
      entries++
    }
    if (rows.length < PAGE || rows.at(-1)!.sequence >= last) break
  }
  if (head === undefined || !isSealed(head, seals)) report(before.sequence + 1, 'unsealed')
  else if (head.sequence > before.sequence) report(before.sequence + 1, 'missing')
  else if (head.sequence < before.sequence) report(head.sequence + 1, 'unsealed')
  else if (head.hash !== before.hash) report(before.sequence, 'altered')
  return { entries, faults, head }
}

/** A row as a database gives it: integers may come as texts or as bigints. */
export function auditRow(columns: Readonly<Record<string, unknown>>): AuditRow {
  const text = (name: string): string => String(columns[name])
  return {
    sequence: Number(columns['sequence']), id: text('id'), at: Number(columns['at']),
    actor: text('actor'), action: text('action'), subject: text('subject'), detail: text('detail'),
    previous: text('previous'), hash: text('hash'),
  }
}

/** The columns of the head, null where there is none, and `last`. */
export function auditEnd({ last, sequence, hash, seal }: Readonly<Record<string, unknown>>): AuditEnd {
  const head = sequence === null ? undefined : { sequence: Number(sequence), hash: String(hash), seal: String(seal) }
  return { head, last: Number(last) }
}

/** A row as it is told. A detail that somebody made unreadable is told as that. */
export function auditRecord({ sequence, id, at, actor, action, subject, detail }: AuditRow): AuditRecord {
  const entry = { kind: 'audit', sequence, id, at, actor, action, subject } as const
  try {
    return { ...entry, detail: JSON.parse(detail) as AuditEntry['detail'] }
  } catch {
    return { ...entry, detail: { unreadable: true } }
  }
}

/**
 * A text as every database takes it and gives it back: without NUL, which PostgreSQL refuses, and without halves of
 * surrogate pairs, which no UTF-8 holds.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

function sealed(sequence: number, hash: string, { seal }: AuditSeals): AuditHead {
  return { sequence, hash, seal: seal(`${sequence}:${hash}`) }
}

function isSealed({ sequence, hash, seal }: AuditHead, seals: AuditSeals): boolean {
  return sealed(sequence, hash, seals).seal === seal
}

/** Sorted by the code units of the names; numbers and texts are JSON.stringify's own (RFC 8785). */
function canonical(detail: object): string {
  const members = Object.entries(detail).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

/** Empty, which is no hash, where the row's detail is not canonical: others may read a text with a name twice in another way. */
function hashOf(row: Omit<AuditRow, 'hash'>, { hash }: AuditSeals): string {
  const { sequence, previous, id, at, actor, action, subject, detail } = row
  try {
    if (canonical(JSON.parse(detail) as object) !== detail) return ''
    const [doing, doer, name, what] = [action, actor, id, subject].map(text => JSON.stringify(text))
    return hash(`{"action":${doing},"actor":${doer},"at":${at},"detail":${detail},"id":${name},`
      + `"previous":"${previous}","sequence":${sequence},"subject":${what}}`)
  } catch {
    return ''
  }
}
