// Amazon Bedrock, for every model that its Converse API serves. Calls are signed with an AWS access key (Signature
// Version 4), or carry a Bedrock API key. Loaded by name from core/registry.ts.
import aws4 from 'aws4'
import { defineProvider, endpoint, Type, type Connection, type Signable } from 'gatehouse/sdk'

/** None of the parts holds a colon. */
const ACCESS_KEY = /^([A-Za-z0-9]+):([\w/+=]+)(?::([\w/+=-]+))?$/
/** Where the access key is a temporary one, its session token comes last. */
const FORM = 'an access key as ID:SECRET or ID:SECRET:SESSION_TOKEN'

export default defineProvider({
  name: 'bedrock',

  options: Type.Object({
    region: Type.String({ pattern: '^[a-z]{2}(?:-[a-z]+)+-\\d$', description: 'Where the models run: eu-central-1.' }),
  }, { additionalProperties: false }),

  connect({ key, url, options: { region } }): Connection {
    const { origin, path } = endpoint(url ?? `https://bedrock-runtime.${region}.amazonaws.com`)
    return {
      origin,
      path: (below, model) => path(withModel(below, model), model),
      dialects: ['bedrock-converse', 'bedrock-embeddings'],
      streamUsage: false,
      ...credential(key, new URL(origin).host, region),
    }
  },
})

/** The model stands in the path alone; an ARN has slashes, and is one segment all the same. */
function withModel(path: string, model: string): string {
  return path.replace(/^\/model\/[^/?]+(?=\/)/, () => `/model/${encodeURIComponent(model)}`)
}

/** A key with a colon is an access key, any other a Bedrock API key (what AWS_BEARER_TOKEN_BEDROCK holds). */
function credential(key: string, host: string, region: string): Pick<Connection, 'headers' | 'sign'> {
  if (!key.includes(':')) {
    if (!/^[!-~]+$/.test(key)) throw new Error(`expected a Bedrock API key, or ${FORM}`)
    return { headers: ['authorization', `Bearer ${key}`] }
  }
  const [, accessKeyId, secretAccessKey, sessionToken] = ACCESS_KEY.exec(key) ?? []
  if (accessKeyId === undefined || secretAccessKey === undefined) throw new Error(`expected ${FORM}`)
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  const sign = ({ method, path, headers, body }: Signable): string[] => {
    // The service is called `bedrock` in signatures, whatever its host is called.
    const { headers: signed = {} } = aws4.sign({
      service: 'bedrock', region, method, path, ...(body !== undefined && { body }),
      headers: { host, 'content-type': typeOf(headers) },
    }, credentials)
    const names = ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token'].filter(name => signed[name] !== undefined)
    return names.flatMap(name => [name, String(signed[name])])
  }
  return { headers: [], sign }
}

/** A content type that is there has to be in the signature. */
function typeOf(headers: readonly string[]): string {
  const at = headers.indexOf('content-type')
  return at === -1 ? 'application/json' : headers[at + 1]!
}
