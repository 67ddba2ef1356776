// A JSON schema as a check whose findings are in the words of the house: what was expected, what came, where, and what
// was perhaps meant. Called by config/loader.ts; fit for the options of any member too.
import { Ajv, type ErrorObject, type Options } from 'ajv'
import type { TSchema } from '../sdk/index.ts'
import { below } from './pointer.ts'
import { isSecret, show, type Fault } from './problem.ts'
import { didYouMean, oneOf } from './suggest.ts'

/** Checks a value; no faults, and it fits the schema. Pointers start at the value. */
export type Check = (value: unknown) => readonly Fault[]

const SETTINGS = {
  allErrors: true, verbose: true, strict: false, strictNumbers: true, logger: false,
  // Shorter code would take longer to make than it saves: a config is checked once.
  code: { optimize: false },
} as const satisfies Options

/** Says whether a schema is one. Every Ajv could, but would have to compile the schema of schemas first, each for itself. */
const JUDGE = new Ajv(SETTINGS)

/**
 * Compiles a schema, once. `title` of a schema replaces the words made up for it; a union without a title answers for
 * the branch that was meant, where the kind of the value leaves but one.
 */
export function validator(schema: TSchema): Check {
  JUDGE.validateSchema(schema, true)
  const valid = new Ajv({ ...SETTINGS, validateSchema: false }).compile(schema)
  return value => (valid(value) ? [] : settle(valid.errors ?? []).filter(isOwn).map(toFault))
}

/** The part of JSON schema that can be put into words. */
interface Words {
  readonly title?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Words[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly minItems?: number
  readonly minProperties?: number
  readonly properties?: Readonly<Record<string, Words>>
  readonly propertyNames?: Words
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string', integer: 'a whole number', number: 'a number', boolean: 'true or false',
  array: 'a list', object: 'a mapping', null: 'nothing',
}

/** Keywords that `phrase` puts into words. */
const IN_PHRASE: ReadonlySet<string> = new Set([
  'type', 'const', 'enum', 'anyOf', 'minimum', 'maximum', 'minLength', 'minItems', 'minProperties',
])

/** A schema as a noun phrase. */
function phrase(schema: Words): string {
  if (schema.title !== undefined) return schema.title
  if (schema.const !== undefined) return String(schema.const)
  if (schema.enum !== undefined) return oneOf(schema.enum.map(String))
  if (schema.anyOf !== undefined) return schema.anyOf.map(phrase).join(' or ')
  const kind = KINDS[schema.type ?? ''] ?? 'a value'
  if (schema.minimum !== undefined && schema.maximum !== undefined) return `${kind} from ${schema.minimum} to ${schema.maximum}`
  if (schema.minimum !== undefined) return `${kind} of at least ${schema.minimum}`
  if (schema.maximum !== undefined) return `${kind} of at most ${schema.maximum}`
  const least = schema.minLength ?? schema.minItems ?? schema.minProperties ?? 0
  if (least === 1) return `${kind} that is not empty`
  return least > 1 ? `${kind} with at least ${least} ${schema.type === 'string' ? 'characters' : 'entries'}` : kind
}

/**
 * Ajv reports what every branch of a union has against the value, and then the union itself. Of these one thing is of
 * use: what the branch that was meant has against it, or else the union as a whole.
 */
function settle(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const settled: ErrorObject[] = []
  for (const error of errors) {
    if (error.keyword !== 'anyOf') {
      settled.push(error)
      continue
    }
    const inside: ErrorObject[] = []
    while (isInside(settled.at(-1), error)) inside.push(settled.pop()!)
    const branches = Map.groupBy(inside, inner => inner.schemaPath.slice(error.schemaPath.length + 1).split('/', 1)[0])
    const fit = [...branches.values()].filter(inner => !inner.some(one => isOfAnotherKind(one, error)))
    // Of two mappings, the one is meant whose own fields are there.
    const meant = fit.length > 1 ? fit.filter(inner => !inner.some(one => lacksField(one, error))) : fit
    const titled = (error.parentSchema as Words).title !== undefined
    for (const one of meant.length === 1 && !titled ? meant[0]! : [error]) settled.push(one)
  }
  return settled
}

/** What is wrong with a name comes twice: from the schema of names, and from `propertyNames`, which is in words below. */
function isOwn(error: ErrorObject): boolean {
  return error.propertyName === undefined || error.keyword === 'propertyNames'
}

function isInside(inner: ErrorObject | undefined, union: ErrorObject): boolean {
  return inner !== undefined && inner.schemaPath.startsWith(`${union.schemaPath}/`)
    && `${inner.instancePath}/`.startsWith(`${union.instancePath}/`)
}

function isOfAnotherKind(inner: ErrorObject, union: ErrorObject): boolean {
  return inner.instancePath === union.instancePath && ['type', 'const', 'enum'].includes(inner.keyword)
}

function lacksField(inner: ErrorObject, union: ErrorObject): boolean {
  return inner.instancePath === union.instancePath && inner.keyword === 'required'
}

function toFault({ keyword, instancePath: pointer, params, parentSchema, data, message }: ErrorObject): Fault {
  const schema = parentSchema as Words
  switch (keyword) {
    case 'required': {
      const missing = String(params['missingProperty'])
      const expected = phrase(schema.properties?.[missing] ?? {})
      return { pointer: below(pointer, missing), expected, got: 'nothing', message: '' }
    }
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      const known = Object.keys(schema.properties ?? {})
      // Below a secret field, a misplaced secret may itself be the key.
      const at = isSecret(pointer) ? pointer : below(pointer, key)
      return { pointer: at, expected: oneOf(known), got: show(key), message: didYouMean(key, known) }
    }
    case 'propertyNames': {
      const key = String(params['propertyName'])
      return { pointer: below(pointer, key), expected: phrase(schema.propertyNames ?? {}), got: show(key), message: '' }
    }
    default: {
      const expected = schema.title ?? (IN_PHRASE.has(keyword) ? phrase(schema) : `${phrase(schema)} that ${message}`)
      return { pointer, expected, got: got(schema, data), message: hint(schema, data) }
    }
  }
}

/** A text that stands where a list or a mapping belongs is not shown: it may be a secret that slipped out of its field. */
function got({ type }: Words, data: unknown): string {
  return typeof data === 'string' && (type === 'array' || type === 'object') ? 'a string' : show(data)
}

function hint({ type, enum: words }: Words, data: unknown): string {
  if (typeof data === 'string' && words !== undefined) return didYouMean(data, words.map(String))
  return type === 'string' && (typeof data === 'number' || typeof data === 'boolean') ? 'put it in quotes' : ''
}
