// Reads what the echo provider is asked: unknown JSON on the way in, texts on the way out. Called by its speakers.

/** A request that cannot be served. The message is for the client. */
export class Refusal extends Error {
  readonly status: number
  readonly param: string | null

  constructor(status: number, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.param = param
  }
}

/** The fields of a request, none of them looked at yet. */
export type Request = Readonly<Record<string, unknown>>

/** The members of an object; of anything else, none. */
export function fieldsOf(value: unknown): Request {
  return value !== null && typeof value === 'object' ? value as Request : {}
}

/** The elements of an array; of anything else, none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A whole number within bounds, or the default where the field is missing or null. Throws a Refusal. */
export function wholeNumber(request: Request, field: string, otherwise: number, maximum: number): number {
  const value = request[field] ?? otherwise
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maximum) return value
  throw new Refusal(400, `Expected ${field} to be a whole number from 1 to ${maximum}.`, field)
}

/** The text of a message's content: a string, or the texts among its parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return itemsOf(content).map(part => fieldsOf(part).text).filter(text => typeof text === 'string').join(' ')
}

/** The inputs of a request that takes one or several: texts, or lists of token numbers as if each were a word. */
export function inputsOf(request: Request, field: string, maximum: number): string[] {
  const value = request[field]
  const several = Array.isArray(value) && value.some(item => typeof item === 'string' || Array.isArray(item))
  const inputs = several ? itemsOf(value) : [value]
  if (inputs.length > maximum) throw new Refusal(400, `Expected at most ${maximum} inputs.`, field)
  return inputs.map(input => {
    if (typeof input === 'string') return input
    if (Array.isArray(input) && input.length > 0 && input.every(item => typeof item === 'number')) return input.join(' ')
    throw new Refusal(400, `Expected ${field} to be a text, a list of texts, a list of tokens, or a list of those.`, field)
  })
}

/** Words of a text: what stands between white space. */
export function countWords(text: string): number {
  let words = 0
  for (const _ of text.matchAll(/\S+/g)) words++
  return words
}
