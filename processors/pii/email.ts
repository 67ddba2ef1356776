// E-mail addresses of the practical shape of RFC 5321: a dot-atom without the rarer symbols, `@`, a host name with a
// top-level domain. Read from each `@` outwards. Called by ../pii.ts.
import { isDigit, isLetter } from './characters.ts'
import type { Entity, Match } from './entity.ts'

/** RFC 5321, 4.5.3.1: octets of a local part, and of a whole path less its brackets. RFC 1035, 2.3.4: of a label. */
const LONGEST_LOCAL = 64
export const LONGEST_EMAIL = 254
const LONGEST_LABEL = 63

const DOT = 46
const HYPHEN = 45
const AT = 64

const isLatin = (code: number): boolean => code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7
const isName = (code: number): boolean => isDigit(code) || isLetter(code) || isLatin(code)

/** What stands between the letters of a local part. */
const JOINTS: ReadonlySet<number> = new Set([...'._%+-\''].map(joint => joint.charCodeAt(0)))

/**
 * Where the local part that ends at `end` begins, or -1. Two dots or three joints in a row end it (`see...jane@`,
 * `____jane@`), joints before its first letter are not part of it, and behind another `@` there is none.
 */
function localStart(text: string, end: number): number {
  let start = -1
  let joints = 0
  for (let i = end - 1; i >= 0; i--) {
    const code = text.charCodeAt(i)
    if (isName(code)) {
      if (end - i > LONGEST_LOCAL) return -1
      start = i
      joints = 0
      continue
    }
    if (code === AT) return -1
    if (!JOINTS.has(code) || ++joints === 3 || (code === DOT && text.charCodeAt(i + 1) === DOT)) break
  }
  return start
}

/** Where the longest host name with a top-level domain ends, or 0; `reached` is where reading stopped, -1 for too long. */
function hostEnd(text: string, at: number, limit: number): { end: number; reached: number } {
  let end = 0
  let label = at
  for (let i = at; i <= limit; i++) {
    const code = text.charCodeAt(i)
    if (isName(code) || (code === HYPHEN && i > label && !text.startsWith('--', i - 2))) {
      if (i - label >= LONGEST_LABEL) return { end, reached: -1 }
      continue
    }
    if (label > at) end = topLevelEnd(text, label, i) || end
    if (code !== DOT || i === label || text.charCodeAt(i - 1) === HYPHEN) return { end, reached: i }
    label = i + 1
  }
  return { end, reached: -1 }
}

/** Where the label `[start, end)` stops being a top-level domain: letters, or punycode (RFC 3492); 0 where it is none. */
function topLevelEnd(text: string, start: number, end: number): number {
  if (end - start > 4 && /^xn--$/i.test(text.slice(start, start + 4)) && text.charCodeAt(end - 1) !== HYPHEN) return end
  let i = start
  while (i < end && isLetter(text.charCodeAt(i))) i++
  return i - start >= 2 && (i === end || text.charCodeAt(i) === HYPHEN) ? i : 0
}

/** `logo@2x.png` is a picture for a dense screen. */
const isPicture = (text: string, host: number): boolean => /^\dx\.$/.test(text.slice(host, host + 3))

export const email: Entity = {
  type: 'email',
  find(text) {
    const found: Match[] = []
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
      const start = localStart(text, at)
      if (start === -1 || text.charCodeAt(at - 1) === DOT || isPicture(text, at + 1)) continue
      const { end } = hostEnd(text, at + 1, start + LONGEST_EMAIL)
      if (end > 0) found.push({ start, end, score: 1 })
    }
    return found
  },
  open(text) {
    const at = text.lastIndexOf('@')
    if (at !== -1 && text.length - at <= LONGEST_EMAIL && text.charCodeAt(at - 1) !== DOT && !isPicture(text, at + 1)) {
      const start = localStart(text, at)
      if (start !== -1 && hostEnd(text, at + 1, start + LONGEST_EMAIL).reached === text.length) return start
    }
    const start = localStart(text, text.length)
    return start === -1 ? text.length : start
  },
}
