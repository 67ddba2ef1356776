// OpenAI's description of its API, as a judge of what is written in its formats. Used by recorded.test.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'

type Schema = Readonly<Record<string, unknown>>

/** Faults of a body or of a frame's payload, as sentences; none where it is as described. */
export interface Judge {
  /** False where nothing is known of what a client's format should be. */
  describes(client: string): boolean
  whole(client: string, body: unknown): string[]
  frame(client: string, payload: unknown): string[]
}

const WHOLE: Readonly<Record<string, string>> = { 'openai-chat': 'CreateChatCompletionResponse', 'openai-responses': 'Response' }

/** Reads the description in the folder of data. */
export function judgeOf(data: string): Judge {
  const description = gunzipSync(readFileSync(join(data, 'specs/openai-openapi.json.gz'))).toString()
  const { components } = JSON.parse(description) as { readonly components: { readonly schemas: Schema } }
  const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false })
  ajv.addSchema(modern({ components }) as Schema, 'openai')
  const faults = (name: string, value: unknown): string[] => {
    const valid = ajv.getSchema(`openai#/components/schemas/${name}`)!
    if (valid(value) === true) return []
    return (valid.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message}`)
  }
  const events = eventsIn(components.schemas)
  return {
    describes: client => client in WHOLE,
    whole: (client, body) => WHOLE[client] === undefined ? [] : faults(WHOLE[client], body),
    frame(client, payload) {
      const { type, error } = payload as { readonly type: string; readonly error?: unknown }
      if (!(client in WHOLE)) return []
      const chat = error === undefined ? 'CreateChatCompletionStreamResponse' : 'ErrorResponse'
      const name = client === 'openai-chat' ? chat : events.get(type)
      return name === undefined ? [`${type} is no event`] : faults(name, payload)
    },
  }
}

/** What an event is called -> its schema. */
function eventsIn(schemas: Schema): Map<string, string> {
  const { anyOf } = schemas['ResponseStreamEvent'] as { readonly anyOf: readonly { readonly $ref: string }[] }
  return new Map(anyOf.map(({ $ref }) => {
    const name = $ref.slice('#/components/schemas/'.length)
    const { properties } = schemas[name] as { readonly properties: { readonly type: { readonly enum: readonly [string] } } }
    return [properties.type.enum[0], name]
  }))
}

/** In the words of JSON Schema: `nullable` is OpenAPI's of old, and says nothing to a validator. */
function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(modern)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, modern(one)]))
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest
}
