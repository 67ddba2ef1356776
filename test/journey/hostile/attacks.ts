// What hostile processors do, and how their own requests end. Each becomes a file of its own, since one that
// brings hosts down is left out after a while. Ways to modules are in pieces, or the bundler would refuse them before they run.

/** How the request of a tenant ends that has such a processor in its chain: with an error's code, or with this answer. */
export type End = 'step_timeout' | 'step_failed' | 'either' | { readonly says: string }

/** One hostile processor. */
export interface Attack {
  readonly name: string
  /** The body of its `inspect`; sees `segments`, `scope`, and of the first segment `id` and `text`. */
  readonly body: string
  readonly end: End
  /** How it ends from the second time on, where that is another way. */
  readonly later?: End
}

/** Time that never ends: the step's timeout decides. */
const LOOPS: readonly Attack[] = [
  ['endless-loop', 'for (;;);'],
  ['endless-regex', 'return /^(a+)+$/.test("a".repeat(50) + "b")'],
  ['endless-promises', 'return (async () => { for (;;) await null })()'],
  ['promise-never-settled', 'return new Promise(() => {})'],
  ['promise-flood', 'const f = async () => { await null; f(); f() }; return f()'],
  ['endless-to-json', 'return [{ toJSON() { for (;;); } }]'],
  ['endless-getter', 'return [{ get segment() { for (;;); } }]'],
  ['endless-iterator', 'return [...{ *[Symbol.iterator]() { for (;;) yield* [] } }]'],
  ['endless-thenable', 'return { then() { for (;;); } }'],
  ['endless-finally', 'const f = () => { try { for (;;); } finally { f() } }; f()'],
  ['deep-result', 'let all = []; for (let i = 0; i < 1e6; i++) all = [all]; return all'],
  ['slow-sort', 'return new Array(1e6).fill(0).map((_, i) => i).sort(() => { for (let i = 0; i < 1e6; i++); return 1 })'],
].map(([name, body]): Attack => ({ name: name!, body: body!, end: 'step_timeout' }))

/** Memory: what V8 refuses is an error of that call, what it cannot bear ends a host, and time may be over before either. */
const BOMBS: readonly Attack[] = [
  ['bomb-of-arrays', 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))'],
  ['bomb-of-strings', 'const all = []; for (let i = 0; ; i++) all.push(Array.from({ length: 5000 }, (_, j) => `${i} ${j}`))'],
  ['bomb-of-maps', 'const map = new Map(); for (let i = 0; ; i++) map.set({ i }, i)'],
  ['bomb-of-closures', 'let f = () => 0; for (;;) { const g = f; const own = [1, 2, 3]; f = () => [g, own] }'],
  ['one-large-array', 'return Array(3e8).fill(0).length'],
  ['bomb-of-buffers', 'const all = []; for (;;) all.push(new ArrayBuffer(2 ** 22))'],
  ['bomb-of-typed-arrays', 'const all = []; for (;;) all.push(new Float64Array(2 ** 18).fill(1))'],
  ['growing-buffer', 'const b = new ArrayBuffer(8, { maxByteLength: 2 ** 31 }); for (let i = 8; ; i *= 2) b.resize(i)'],
  ['one-large-string', 'let s = "xy"; for (;;) s += s'],
  ['deep-recursion', 'const f = () => f() + 1; return f()'],
  ['deep-text', 'return JSON.parse("[".repeat(1e6) + "]".repeat(1e6))'],
].map(([name, body]): Attack => ({ name: name!, body: body!, end: 'either' }))

/** Results that are no findings, or far too many of them. */
const RESULTS: readonly Attack[] = [
  ['giant-text', 'return "x".repeat(9 * 2 ** 20)'],
  ['text-up-to-the-limit', 'return ["x".repeat(2 ** 21 - 10)]'],
  ['too-many-findings', 'return new Array(100001).fill(0)'],
  ['many-wrong-findings', 'return new Array(99000).fill({ segment: 9e9 })'],
  ['deep-result-that-fits', 'let all = []; for (let i = 0; i < 2000; i++) all = [all]; return [all]'],
  ['circle', 'const all = []; all.push(all); return all'],
  ['big-integer', 'return [{ segment: id, start: 0n, end: 1n, type: "x" }]'],
  ['throwing-getter', 'return [{ get segment() { throw new TypeError(text) } }]'],
  ['throwing-to-json', 'return [{ toJSON() { throw new RangeError(text) } }]'],
  ['throwing-proxy', 'throw new Proxy({}, { getPrototypeOf() { throw text } })'],
  ['throwing-the-text', 'throw text'],
  ['number', 'return 7'],
  ['null', 'return null'],
  ['nothing', ''],
  ['array-of-null', 'return [null]'],
  ['foreign-segment', 'return [{ segment: id + 1, start: 0, end: 1, type: "x" }]'],
  ['negative-span', 'return [{ segment: id, start: -1, end: 1, type: "x" }]'],
  ['span-beyond-the-end', 'return [{ segment: id, start: 0, end: 1e9, type: "x" }]'],
  ['forged-label', 'return [{ segment: id, start: 0, end: 1, type: "x\\"} 1\\ny" }]'],
  ['unknown-action', 'return [{ segment: id, start: 0, end: 1, type: "x", action: "constructor" }]'],
  ['object-for-a-text', 'return [{ segment: id, start: 0, end: 1, type: "x", action: "replace", replacement: { toString: 1 } }]'],
  ['prototype-in-a-result', 'return JSON.parse(\'[{ "__proto__": { "segment": 0, "polluted": 1 }, "start": 0, "end": 1, "type": "x" }]\')'],
  ['polluted-prototype', 'Object.prototype.polluted = text'],
  ['forged-line', 'return Promise.reject({ toString: () => "\\n1 done []" })'],
].map(([name, body]): Attack => ({ name: name!, body: body!, end: 'step_failed' }))

/** Ways out, of those that were known to work on vm, vm2 or isolated-vm. Each gives its loot, and nothing where it is held. */
export const ESCAPES: readonly string[] = [
  'globalThis.constructor.constructor("return process")()',
  'this.constructor.constructor("return process")()',
  'segments.constructor.constructor("return process")()',
  'scope.constructor.constructor("return process")()',
  'Function("return process")()',
  '(0, eval)("process")',
  '(async () => {}).constructor("return process")()',
  '(function* () {}).constructor("return process")().next().value',
  '(async function* () {}).constructor("return process")().next().then(({ value }) => value)',
  'Reflect.construct(Function, ["return process"], class {})()',
  '({}).__lookupGetter__("__proto__").call(segments).constructor.constructor("return process")()',
  '(() => { try { (function f() { f() })() } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { try { null.x } catch (e) { return e.constructor.constructor("return process")() } })()',
  '(() => { Error.prepareStackTrace = (_, frames) => frames; return new Error().stack.map(f => f.getThis()).find(t => t?.process) })()',
  '(() => { Error.prepareStackTrace = (_, frames) => frames; return new Error().stack.map(f => f.getFunction()).find(f => f?.constructor("return process")()) })()',
  '(() => { class Odd extends Array { static get [Symbol.species]() { return function () { return process } } } return new Odd(3).map(x => x).env })()',
  '(() => { let seen; new Proxy({}, { getPrototypeOf(...all) { seen = all; return null } }) instanceof Error; return seen[0].constructor.constructor("return process")() })()',
  '({ then(yes, no) { try { yes(yes.constructor("return process")()) } catch (e) { no(e) } } })',
  'Promise.reject(1).catch(() => Promise.constructor("return process")())',
  '(function f() { return f.caller.constructor("return process")() })()',
  'Array.from({ length: 1, 0: 1 }, function () { return this.process })[0]',
  '"x".replace(/x/, (...all) => all.at(-1).constructor.constructor("return process")().pid)',
  'JSON.parse("[1]", function () { return this.constructor.constructor("return process")() })',
  'new ShadowRealm().evaluate("process")',
  'new (class { static { this.loot = process } })().constructor.loot',
  'Object.getOwnPropertyNames(globalThis).find(name => /^(ivm|process|require|module|Buffer|fetch|Worker|setTimeout)$/.test(name))',
  '[globalThis.ivm, globalThis._ivm, globalThis.$0, globalThis.isolate, globalThis.global].find(each => each)',
  'import(["isolated", "vm"].join("-"))',
]

/** Ways to what a process has: its environment, files, network, other processes. */
export const READS: readonly string[] = [
  'process.env.HOSTILE_LOOT', 'globalThis.process?.env', 'require(["node", "fs"].join(":")).readFileSync("/etc/passwd", "utf8")',
  'import(["node", "fs"].join(":"))', 'import(["f", "s"].join(""))', 'eval("import(\\"node:child_process\\")")', 'Function("return import(\\"node:net\\")")()',
  'import(["file", "///etc/passwd"].join(":"), { with: { type: "json" } })', 'import(["data", "text/javascript,export default 1"].join(":"))',
  'process.binding("fs")', 'process.mainModule.require("fs")', 'process.getBuiltinModule("fs")', 'module.constructor._load("fs")',
  'fetch("http://127.0.0.1")', 'new WebSocket("ws://127.0.0.1")', 'new XMLHttpRequest()', 'new EventSource("http://127.0.0.1")',
  'navigator.sendBeacon("http://127.0.0.1")', 'new Worker("x")', 'importScripts("x")', 'new SharedArrayBuffer(1)',
  'new WebAssembly.Memory({ initial: 1 })', 'Atomics.wait', 'Deno.env', 'Bun.env', 'performance.timeOrigin', 'readFile("/etc/passwd")',
]

/** Ways to end the process, or to outlive the call. */
const EXITS: readonly string[] = [
  'process.exit(1)', 'process.abort()', 'process.kill(process.pid)', 'process.reallyExit(1)', 'quit()', 'exit(1)', 'close()',
  'setTimeout(() => { for (;;); })', 'setImmediate(() => {})', 'queueMicrotask(() => {})', 'globalThis.constructor.constructor("return process")().exit()',
]

const held = (name: string, ways: readonly string[]): Attack =>
  ({ name, body: `return attempt([${ways.map(way => `() => ${way}`).join(', ')}])`, end: { says: `held ${ways.length} of ${ways.length}` } })

const ATTEMPTS: readonly Attack[] = [
  held('escapes', ESCAPES), held('reads', READS), held('exits', EXITS),
  {
    name: 'escape-by-what-it-threw',
    body: `if (memo.seen === undefined) throw new Proxy(new Error(), { getPrototypeOf(target) { memo.seen = [target]; return null } })
      return attempt([() => memo.seen[0].constructor.constructor("return process")()])`,
    end: 'step_failed', later: { says: 'held 1 of 1' },
  },
]

/** Calls that stay within every limit, one as long as the other. */
export const DRIPS: readonly Attack[] = Array.from({ length: 4 }, (_, index): Attack => ({
  name: `drip-${index}`, body: 'const end = Date.now() + 150; while (Date.now() < end); return []', end: { says: 'go' },
}))

/** All but the drips, by what they are after. */
export const FAMILIES: ReadonlyMap<string, readonly Attack[]> = new Map([
  ['time', LOOPS], ['memory', BOMBS], ['results', RESULTS], ['ways out', ATTEMPTS],
])

/** The file of a processor. Asked about `calm` it does nothing. */
export function sourceOf({ name, body }: Attack): string {
  return `const memo = {}
export default { name: '${name}', kind: 'detector', rights: ['annotate', 'edit', 'block'], on: ['request'], reads: { origins: ['user'] },
  setup: () => ({ inspect(segments, scope) {
    const { id, text } = segments[0]
    if (text === 'calm') return []
    const attempt = async ways => {
      let held = 0
      for (const way of ways) try { if (!await way()) held++ } catch { held++ }
      return [{ segment: id, start: 0, end: text.length, type: 'held', action: 'replace', replacement: \`held \${held} of \${ways.length}\` }]
    }
    ${body}
  } }) }
`
}
