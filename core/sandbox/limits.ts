// What a sandbox is given when nobody says otherwise, and what neither side of its border ever exceeds.

/** Megabytes of memory for one processor. */
export const MEMORY = 64
/** Milliseconds that one call may run, whatever its step's timeout. */
export const CPU = 1000
/** Milliseconds for running a bundle, and again for its setup. */
export const SETUP = 5000
/** Characters of JSON that a result may have. The I/O loop has to parse it, and that takes some 10 ms at this size. */
export const LONGEST_RESULT = 2 * 2 ** 20
/** Findings or changes that one result may have. */
export const MOST_FINDINGS = 100_000
/** Characters of one line on the channel: the largest thing that is sent is a bundle, which JSON may make twice as long. */
export const LONGEST_LINE = 16 * 2 ** 20
/** Errors that are told apart by name. Any other text could carry what the processor has read. */
export const ERROR_NAMES: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'Error'])
/** The global variable that holds a bundle's exports once its script has run. */
export const EXPORTS = 'gatehouseProcessor'
