// Whether an edited text still is what a client's JSON schema (draft 2020-12) allows at its place. The lens changes strings
// and nothing else, so nothing else is checked, and a hostile schema costs no more than it may. Called by declared.ts.

/** How to reach a value inside another: keys of objects, indices of arrays. */
export type Path = readonly (string | number)[]

/** Steps for all texts of one answer: some milliseconds. A schema takes about twenty for a text. */
const STEPS = 50_000

/** Schemas inside each other, `$ref` counted too. */
const DEPTH = 256

/** Code units of the longest `$ref` that is followed. */
const LONGEST_REF = 256

/** Code units that are compared in one step. */
const COMPARED = 1024

/** A text at the end of its path. */
interface Leaf {
  readonly path: Path
  readonly text: string
  /** In code points, as JSON Schema counts (Validation, sections 6.3.1 and 6.3.2). */
  readonly length: number
  /** Steps that one comparison takes. */
  readonly cost: number
}

/**
 * Checks texts against schemas. No schema is compiled and no `pattern` is run: both would let a client's request hold the
 * loop for as long as it likes. What it cannot decide (a keyword of objects as a whole, a reference to elsewhere, more
 * steps than it has) it accepts, since a refusal ends the answer.
 */
export class ToolSchema {
  #steps = STEPS

  /**
   * True where a value with that text at the end of that path may fit the schema, as far as the path alone can say: each
   * `allOf`, and one of `anyOf` or `oneOf`, has to accept it. A `pattern` or a `format` accepts no edited text.
   */
  fits(schema: unknown, path: Path, text: string): boolean {
    return this.#accepts(schema, schema, { path, text, length: codePoints(text), cost: 1 + text.length / COMPARED }, 0, 0)
  }

  #accepts(root: unknown, schema: unknown, leaf: Leaf, at: number, depth: number): boolean {
    if (depth === DEPTH || --this.#steps < 0) return true
    if (typeof schema === 'boolean') return schema
    if (!isObject(schema)) return true
    const accepts = (part: unknown): boolean => this.#accepts(root, part, leaf, at, depth + 1)
    const step = leaf.path[at]
    return this.#isOfType(schema.type, step)
      && this.#names(schema, leaf, at)
      && (step === undefined ? holds(schema, leaf) : this.#accepts(root, below(schema, step), leaf, at + 1, depth + 1))
      && (schema.$ref === undefined || accepts(this.#target(root, schema.$ref)))
      && !this.#any(schema.allOf, part => !accepts(part), false)
      && this.#any(schema.anyOf, accepts, true)
      && this.#any(schema.oneOf, accepts, true)
  }

  /** Validation, section 6.1.1. The path says what stands there: a step into it makes it an object or an array. */
  #isOfType(type: unknown, step: string | number | undefined): boolean {
    const kind = step === undefined ? 'string' : typeof step === 'string' ? 'object' : 'array'
    // Gemini's own schemas have the same words in capitals.
    return typeof type === 'string' ? type.toLowerCase() === kind : this.#any(type, one => one === kind, true)
  }

  /** Validation, sections 6.1.2 and 6.1.3: one of the values named has this text at the end of the path. */
  #names(schema: Readonly<Record<string, unknown>>, { path, text, cost }: Leaf, at: number): boolean {
    const isIt = (named: unknown): boolean => {
      this.#steps -= cost
      return path.slice(at).reduce(member, named) === text
    }
    return (schema.const === undefined || isIt(schema.const)) && this.#any(schema.enum, isIt, true)
  }

  /** Core, section 8.2.3.1: what a pointer into the same schema (RFC 6901, section 6) points to; else undefined. */
  #target(root: unknown, ref: unknown): unknown {
    if (typeof ref !== 'string' || ref.length > LONGEST_REF || !/^#(?:\/|$)/.test(ref)) return undefined
    let target = root
    for (const token of ref.split('/').slice(1)) {
      this.#steps--
      target = member(target, unescaped(token))
    }
    return target
  }

  /** True where something holds for one of a list; `otherwise` where there is no list, or no step left to see it all. */
  #any(list: unknown, does: (one: unknown) => boolean, otherwise: boolean): boolean {
    if (!Array.isArray(list) || list.length === 0) return otherwise
    for (const one of list as unknown[]) {
      if (--this.#steps < 0) return otherwise
      if (does(one)) return true
    }
    return false
  }
}

/** Validation, sections 6.3 and 7. A masked value is rarely what a pattern or a format asks for, and nobody runs them here. */
function holds({ minLength, maxLength, pattern, format }: Readonly<Record<string, unknown>>, { length }: Leaf): boolean {
  return pattern === undefined && format === undefined
    && !(typeof minLength === 'number' && length < minLength)
    && !(typeof maxLength === 'number' && length > maxLength)
}

/** Core, section 10.3: the schema of a member or an element. Where patterns have a say in it, nobody knows. */
function below(schema: Readonly<Record<string, unknown>>, step: string | number): unknown {
  if (typeof step === 'number') {
    const { prefixItems, items } = schema
    return Array.isArray(prefixItems) && step < prefixItems.length ? prefixItems[step] as unknown : items
  }
  const { properties, patternProperties, additionalProperties } = schema
  if (isObject(properties) && Object.hasOwn(properties, step)) return properties[step]
  return patternProperties === undefined ? additionalProperties : undefined
}

/** What stands at one step of a path; undefined where nothing does. */
function member(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
  return (value as Record<string | number, unknown>)[step]
}

/** A token of a pointer in a URI: percent-encoded, and escaped by RFC 6901, section 4. */
function unescaped(token: string): string {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return token
  }
}

function codePoints(text: string): number {
  let length = 0
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) length++
  return length
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
