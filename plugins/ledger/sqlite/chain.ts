// How the audit chain of a SQLite ledger is hashed, sealed, and where it ends. Used by ../sqlite.ts and writer.ts.
import { createHmac, hash } from 'node:crypto'
import type { AuditSeals } from 'gatehouse/sdk'

/** SHA-256, and HMAC-SHA-256 under the ledger's key. */
export function sealsOf(key: string): AuditSeals {
  return {
    hash: text => hash('sha256', text),
    seal: text => createHmac('sha256', key).update(text).digest('hex'),
  }
}

/** Asks for what `auditEnd` reads. */
export const END = `
  SELECT (SELECT max(sequence) FROM audit) AS last, sequence, hash, seal FROM (SELECT 1) LEFT JOIN audit_head`
