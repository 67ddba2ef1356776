// A result of the conformance kit as a table for people. Called by `gatehouse processor test`.
import type { Result } from './kit.ts'

/** The result as text: a line for each check, below it what failed. */
export function printable({ processor, kind, rows, ok }: Result): string {
  const lines = rows.flatMap(({ check, cases, failures }) => {
    const verdict = failures.length > 0 ? 'FAILED' : cases === 0 ? 'does not apply' : 'ok'
    const line = `  ${check.padEnd(10)}${String(cases).padStart(6)} cases  ${verdict}`
    return [line, ...failures.map(sentence => `      ${sentence}`)]
  })
  return [`${processor} (${kind}): ${ok ? 'passed' : 'FAILED'}`, ...lines].join('\n')
}
