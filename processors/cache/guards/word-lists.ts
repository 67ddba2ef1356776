// Words that the guards know: those that say nothing by themselves, and those that change everything. Lower case, English.

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** Months, days, and words that mean another day tomorrow. `may` is left out: it is a verb more often. */
export const DATES = words('january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight now current currently latest recent recently')

export const NEGATIONS = words("not no never none neither nor nothing nobody nowhere without cannot can't unable hardly except")

export const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, value) => [word, String(value)]))

/** Stems, as `stem` makes them. */
export const UNITS = words('second minute hour day week month year mm cm m meter metre km inch inche foot feet mile mg g gram kg kilo pound ounce ml l liter litre gallon percent dollar euro kb mb gb tb watt volt amp degree')

/** Words that say what is asked for. */
export const ASKING = words('what who whom whose which when where why how is are am was were do does did can could should would will must may has have had')

/** Those that are answered by yes or no. */
export const YES_NO = words('is are am was were do does did can could should would will must may has have had')

/** Behind `how`. */
export const QUANTITIES = words('many much long often far old big large fast soon high deep heavy late early')

/** Turn a question round, or to another place, person, time or duty: all of them must be in both. */
export const PARTICLES = words(`to from in into out on onto off up down at by for with about against over under above below before after since until
while during between through via if and or all every both only you your yours he him his she her we us our they them their
was were did had will shall must should may might`.replaceAll('\n', ' '))

/** Pairs that an embedder takes for nearly the same. */
export const OPPOSITES = `increase decrease, increase reduce, raise lower, raise reduce, open close, open shut, start stop,
start end, start finish, begin end, begin stop, begin finish, start pause, pause resume, stop resume, add remove, add delete,
add subtract, create delete, create destroy, plus minus, multiply divide, buy sell, lend borrow, send receive, send get, win lose,
gain lose, gain loss, profit loss, deposit withdraw, deposit withdrawal, credit debit, push pull, pass fail, accept reject,
accept decline, accept refuse, approve reject, approve decline, allow forbid, allow deny, allow block, allow prevent,
permit forbid, enable disable, show hide, attach detach, ascend descend, arrive leave, arrive depart, rise fall, love hate,
attack defend, min max, minimum maximum, first last, next previous, high low, long short, big small, large small,
fast slow, early late, hot cold, warm cool, heavy light, hard easy, hard soft, easy difficult, strong weak, rich poor,
wide narrow, wet dry, full empty, young old, left right, north south, east west, northern southern, eastern western, top bottom,
front back, inside outside, internal external, incoming outgoing, inner outer, public private, positive negative, true false,
odd even, same different, better worse, safe dangerous, male female, man woman, men women, boy girl, husband wife, mother father,
brother sister, son daughter, parent child, buyer seller, sender recipient, sender receiver, lender borrower, employer employee,
landlord tenant, client server, row column, input output, day night, dead alive`
  .replaceAll('\n', ' ').split(', ').map(pair => pair.split(' '))

/** Two words that differ in it alone are seldom the same: import, export; legal, illegal. */
export const PREFIX = /^(?:un|dis|de|non|mis|il|im|in|ir|en|em|ex|out|over|under|up|down|pre|post|anti|hyper|hypo|re)-?/

/** Say nothing about what a question is about. */
export const EMPTY = words(`a an the this that these those there here it its i i'm i've i'd me my mine myself yourself one ones
some any but so then than as of upon
is are am be been being do does done doing can could would has have having get gets got getting go going
what who whom whose which when where why how what's how's who's where's it's that's let's please tell explain just really actually very too also still already ever
way ways best good proper right correct thing things something anything want need like make know use using possible ok okay help new
again much many more most lot lots kind type sort difference differences between mean means`.replaceAll('\n', ' '))
