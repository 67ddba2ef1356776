// What two questions must agree on, however near an embedder thinks they are: it hears little of numbers, of "not", and of
// names, and next to nothing of their order. Each guard reads both texts for itself; one that disagrees is enough. Written
// for English: of other languages the guards on words see more differences, not fewer. Called by near.ts, with texts of a
// thousand characters at most.
import {
  ASKING, DATES, EMPTY, NEGATIONS, NUMBER_WORDS, OPPOSITES, PARTICLES, PREFIX, QUANTITIES, UNITS, YES_NO,
} from './guards/word-lists.ts'

/** Each compares one trait; `words` looks at all that is left, and `order` at how it stands. */
export type Guard = typeof SAME[number] | 'words' | 'order'

const SAME = ['numbers', 'dates', 'negation', 'asking', 'names', 'script', 'code', 'signs', 'particles'] as const

interface Traits extends Readonly<Record<typeof SAME[number], string>> {
  readonly words: ReadonlySet<string>
  /** Whatever is not empty: words, numbers and signs as they follow one another. */
  readonly sequence: readonly string[]
}

/** The first guard that two texts disagree on; undefined where they may be taken for the same question. */
export function disagreement(a: string, b: string): Guard | undefined {
  const [one, other] = [traitsOf(a), traitsOf(b)]
  for (const trait of SAME) if (one[trait] !== other[trait]) return trait
  if (!sameWords(one.words, other.words)) return 'words'
  return sameOrder(one.sequence, other.sequence) ? undefined : 'order'
}

const WORD = /^[\p{L}\p{N}_]/u

/** A word, with what joins its parts; or a sign: anything but the marks that end or quote sentences, and these too at a digit. */
const PIECE = /[\p{L}\p{N}_]+(?:[.,:'-][\p{L}\p{N}_]+)*|[^\p{L}\p{N}_\s.,:?!'"“”]|\.(?=\p{N})|(?<=\p{N})[!'"]/gu

function traitsOf(text: string): Traits {
  const plain = text.normalize('NFKC').replace(/[‘’]/g, "'")
  const pieces = [...plain.matchAll(PIECE)]
  const [found, signs] = [pieces.filter(([piece]) => WORD.test(piece)), pieces.filter(([piece]) => !WORD.test(piece))]
  const tokens = found.map(([token]) => token.toLowerCase())
  const content = tokens.filter(token => !EMPTY.has(token) && !PARTICLES.has(token) && !NEGATIONS.has(token) && !isNumber(token))
  return {
    numbers: bag(tokens.flatMap((token, at) => numberIn(token, tokens[at + 1]))),
    dates: bag(tokens.filter(token => DATES.has(token))),
    negation: String(tokens.some(token => NEGATIONS.has(token) || token.endsWith("n't"))),
    asking: askingOf(tokens),
    names: bag(found.filter(({ 0: token, index }) => isName(token, plain.slice(Math.max(0, index - 4), index))).map(([token]) => stem(token.toLowerCase()))),
    script: bag(new Set([...plain].map(scriptOf))),
    code: bag(plain.match(/`[^`]*`|https?:\S+/g) ?? []),
    signs: bag(signs.map(([sign]) => sign)),
    // Behind an empty word, `to` is an infinitive's: how to, a way to.
    particles: bag(tokens.filter((token, at) => PARTICLES.has(token) && !(token === 'to' && EMPTY.has(tokens[at - 1] ?? '')))),
    words: new Set(content.map(stem)),
    sequence: pieces.map(([piece]) => piece.toLowerCase()).filter(piece => !EMPTY.has(piece))
      .map(piece => NUMBER_WORDS.get(piece) ?? stem(piece)),
  }
}

const bag = (words: Iterable<string>): string => [...words].toSorted().join(' ').trim()

const isNumber = (token: string): boolean => NUMBER_WORDS.has(token) || /\p{N}/u.test(token)

/** A token with a digit in it, or a number as a word, and the unit behind it. Placeholders of redacted values have digits. */
function numberIn(token: string, next = ''): string[] {
  if (!isNumber(token)) return []
  const value = NUMBER_WORDS.get(token) ?? token.replaceAll(',', '')
  return [UNITS.has(stem(next)) ? value + stem(next) : value]
}

/** What is asked for, by each question word: the first may be one of yes and no. */
function askingOf(tokens: readonly string[]): string {
  const at = tokens.findIndex(token => ASKING.has(token))
  const more = tokens.slice(at + 1).filter(token => ASKING.has(token) && !YES_NO.has(token))
  return [firstAsked(tokens, at), ...more].join(' ')
}

/** The first question word, and what makes another question of `how`. */
function firstAsked(tokens: readonly string[], at: number): string {
  const word = tokens[at] ?? ''
  if (word === 'what' && BEST_WAY.test(tokens.slice(at, at + 6).join(' '))) return 'how'
  if (word !== 'how') return YES_NO.has(word) ? 'whether' : word
  const next = tokens[at + 1] ?? ''
  return QUANTITIES.has(next) ? `how ${next}` : 'how'
}

const BEST_WAY = /^what(?: is| are)? (?:the |a |some )?(?:\w+ )?(?:ways?|steps?)\b/

/** True for a word in capitals, and for one with a capital that begins no sentence. */
function isName(token: string, before: string): boolean {
  if (/^\p{Lu}[\p{Lu}\p{N}.-]+$/u.test(token)) return true
  return /^\p{Lu}/u.test(token) && !/^I(?:'|$)/.test(token) && !/(?:^|[.?!:;&])["'(]*\s*["'(]*$/.test(before)
}

const SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Han}/u, /\p{L}/u]

function scriptOf(character: string): string {
  if (character >= 'A' && character <= 'z') return '0'
  const script = SCRIPTS.findIndex(pattern => pattern.test(character))
  return script === -1 ? '' : String(script)
}

/** Without the endings that make no other word of it; the same for all forms of most words, and a word of its own for few. */
function stem(word: string): string {
  const bare = word.replace(/'s$/, '')
  if (bare.length <= 4) return bare.replace(/([^s])s$/, '$1')
  return bare.replace(/(?:ing|ed|es|s|ly|en|er|e)$/, '').replace(/([^aeiou])\1$/, '$1')
}

/** Words that may be others on both sides: a synonym or two. */
const MOST_EXCHANGED = 2
/** Of all words, those that have to be the same. */
const LEAST_SHARED = 0.5

/** True where the words are the same, or a few were exchanged, none for its opposite. A word more on one side alone makes it a narrower question. */
function sameWords(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [onlyA, onlyB] = [[...a.difference(b)], [...b.difference(a)]]
  const [fewer, more] = [Math.min(onlyA.length, onlyB.length), Math.max(onlyA.length, onlyB.length)]
  if (more === 0) return true
  if (fewer === 0 || more > MOST_EXCHANGED) return false
  if (onlyA.some(word => onlyB.some(other => opposite(word, other)))) return false
  return a.intersection(b).size / a.union(b).size >= LEAST_SHARED
}

/** The same for `lower` and `lowers`, which have stems of their own. */
const rootOf = (word: string): string => stem(stem(word)).replace(/e$/, '')

const OPPOSED: ReadonlySet<string> = new Set(OPPOSITES.map(pair => bag(pair.map(rootOf))))

function opposite(a: string, b: string): boolean {
  const roots = [rootOf(a), rootOf(b)]
  const [one, other] = roots.map(root => root.replace(PREFIX, ''))
  return one === other || OPPOSED.has(bag(roots))
}

/** True where what stands in both stands there in the same order: who does it to whom, and what becomes what. */
function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  const [inA, inB] = [new Set(a), new Set(b)]
  return a.filter(piece => inB.has(piece)).join(' ') === b.filter(piece => inA.has(piece)).join(' ')
}
