// Values of the programs' options. Called by bench/main.ts, bench/places.ts and bench/calls.ts.

/** A whole number from 1 to 9999. Throws a sentence where it is none. */
export function positive(name: string, value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new Error(`--${name} takes a whole number from 1 to 9999, not "${value}"`)
  return Number(value)
}

/** The rows that `--only` names; all, where it names none. Throws a sentence where there is no such row. */
export function chosen<T extends string>(rows: readonly T[], only: readonly string[]): readonly T[] {
  const unknown = only.find(name => !rows.some(row => row === name))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such row; there are ${rows.join(', ')}`)
  return rows.filter(row => only.length === 0 || only.includes(row))
}
