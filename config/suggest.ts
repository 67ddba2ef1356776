// "Did you mean": the nearest of the words that would have been right. Called wherever a name in the config, or in a
// request, is not known.

/** Longer words than this are not names that anyone mistypes, and comparing costs the product of both lengths. */
const LONGEST = 64
const MOST_NAMED = 12

/**
 * The candidate nearest to `word`, or undefined where none is near: at most one slip for every three letters, where a
 * slip is a letter too many, too few, wrong, or swapped with its neighbour. Case does not count.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const wrong = word.toLowerCase()
  let nearest: string | undefined
  let least = Math.max(1, Math.floor(Math.min(word.length, LONGEST) / 3)) + 1
  for (const candidate of candidates) {
    if (Math.max(word.length, candidate.length) > LONGEST || Math.abs(word.length - candidate.length) >= least) continue
    const slips = distance(wrong, candidate.toLowerCase())
    if (slips < least) [nearest, least] = [candidate, slips]
  }
  return nearest
}

/** The tail of a problem, or of a refusal: `did you mean "guarded"?`, or nothing where no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const nearest = suggest(word, candidates)
  return nearest === undefined ? '' : `did you mean ${JSON.stringify(nearest)}?`
}

/** Words as a choice: `one of guarded, open`. Cut where there are very many. */
export function oneOf(words: readonly string[]): string {
  if (words.length === 1) return words[0]!
  const named = words.slice(0, MOST_NAMED).join(', ')
  return `one of ${named}${words.length > MOST_NAMED ? ` and ${words.length - MOST_NAMED} more` : ''}`
}

/** Optimal string alignment: Levenshtein's distance with swaps of neighbours, over three rows of the table. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      let slips = Math.min(change, above[column]! + 1, current[column - 1]! + 1)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) slips = Math.min(slips, before[column - 2]! + 1)
      current.push(slips)
    }
    ;[before, above] = [above, current]
  }
  return above[b.length]!
}
