// Words that the guards know: those that say nothing by themselves, and those that change everything. Lower case, English.

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** Months, days, and words that mean another day tomorrow. `may` is left out: it is a verb more often. */
export const DATES = words('january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight now currently latest recent recently')

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

/** Say nothing about what a question is about. */
export const EMPTY = words(`a an the this that these those there here it its i i'm i've i'd me my mine myself you your yours we us our they them their he him his she her one ones
some any all each every both and or but so if then than as at by for from in into of off on onto out over to up upon with about while during
is are am was were be been being do does did done doing can could should would will shall must may might has have had having get gets got getting go going
what who whom whose which when where why how what's how's who's where's it's that's let's please tell explain just really actually very too also still already ever
way ways best good proper right correct thing things something anything want need like make know use using possible ok okay help new
again much many more most lot lots kind type sort difference differences between mean means`.replaceAll('\n', ' '))
