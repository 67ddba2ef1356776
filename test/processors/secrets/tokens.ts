// Credentials that nobody has: put together from pieces and random letters, so that no scanner of code takes this house for one
// that leaks. Used by the tests of secrets.

const DIGITS = '0123456789'
const HEX = `${DIGITS}abcdef`
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const ALNUM = `${DIGITS}${LETTERS}${LETTERS.toUpperCase()}`
const ALPHABETS: Readonly<Record<string, string>> = {
  d: DIGITS, h: HEX, a: ALNUM, w: `${ALNUM}-_`, l: LETTERS, L: `${LETTERS}${LETTERS.toUpperCase()}`,
  U: `${DIGITS}${LETTERS.toUpperCase()}`, B: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', b: `${ALNUM}+/`,
}

/** Numbers from 0 to 1, the same for the same seed (Mulberry32). */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `gh|p_{36a}` as text: bars go, `{36a}` becomes 36 letters of an alphabet. */
export function make(shape: string, roll: () => number): string {
  return shape.replaceAll('|', '').replaceAll(/\{(\d+)([a-zA-Z])\}/g, (_, count, alphabet) => {
    const letters = ALPHABETS[alphabet]!
    return Array.from({ length: Number(count) }, () => letters[Math.floor(roll() * letters.length)]).join('')
  })
}

/** A private key of so many letters in lines of 64. */
export function pem(kind: string, size: number, roll: () => number): string {
  const lines = make(`{${size}b}`, roll).match(/.{1,64}/g)!
  return ['-----', 'BEGIN ', kind, ' KEY-----\n', lines.join('\n'), '\n-----', 'END ', kind, ' KEY-----'].join('')
}

/** One or more shapes for every rule of the house: `[type, shape]`. */
export const SHAPES: readonly (readonly [type: string, shape: string])[] = [
  ...[
    'AK|IA{16B}', 'AS|IA{16B}', 'AI|za{35w}', 'GOC|SPX-{28w}', 'ya|29.{80w}', 'do|p_v1_{64h}', 'HR|KU-AA{58w}', 'fm|2_{120b}',
    'sk|-proj-{74w}T3Blbk|FJ{74w}', 'sk|-{48a}', 'sk|-ant-api03-{93w}AA', 'sk|-or-v1-{64h}', 'h|f_{34L}', 'gs|k_{52a}',
    'xa|i-{80a}',
    'pp|lx-{48a}', 'r|8_{37a}', 'ls|v2_pt_{32h}_{10h}', 'gh|p_{36a}', 'gh|o_{36a}', 'gh|s_{36a}', 'github|_pat_{22a}_{59a}',
    'gl|pat-{20w}', 'gl|rt-{20w}', 'np|m_{36a}', 'pyp|i-AgEIcHlwaS5vcmc{70w}', 'ruby|gems_{48h}', 'ci|o{32a}', 'dckr|_pat_{27w}',
    'ATA|TT3{177w}=1A2B3C4D', 'pu|l-{40h}', 'hv|s.{95w}', 'sb|p_{40h}', 'pscale|_tkn_{43w}', 'dp|.pt.{43a}',
    'ops|_eyJ{300a}', 'sk|_live_{24a}', 'rk|_test_{40a}', 'wh|sec_{32b}', 'sq|0atp-{22w}', 'sh|pat_{32h}', 'S|G.{22w}.{43w}',
    'S|K{32h}',
    'ke|y-{32h}', 'xo|xb-{12d}-{12d}-{24a}', 'xo|xp-{12d}-{12d}-{12d}-{32h}', 'xa|pp-1-A{10U}-{12d}-{64h}',
    'hooks.slack.com/ser|vices/T{10U}/B{10U}/{24a}', 'gl|sa_{32a}_{8h}', 'gl|c_{60b}', 'sn|trys_{120b}=_{43b}', 'sn|tryu_{64h}', 'NR|AK-{27U}',
    'da|pi{32h}', 'li|n_api_{40a}', 'nt|n_{46a}', 'fi|gd_{43w}', 'PM|AK-{24h}-{34h}', 'pa|t{14a}.{64h}',
    'pa|t-na1-{8h}-{4h}-{4h}-{4h}-{12h}', 'ts|key-auth-{17a}-{32a}',
  ].map(shape => ['api-key', shape] as const),
  ['jwt', 'ey|J{33a}.ey|J{60w}.{43w}'],
  ['private-key', 'AGE-SEC|RET-KEY-1{58U}'],
]
