// OpenAI's models on Azure: by deployment and dated version, or below /openai/v1 without either; with a key of the
// resource, or as an application of Entra ID. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, Type, type Connection, type Static } from 'gatehouse/sdk'

const id = (description: string) => Type.String({ pattern: '^[\\w.-]{1,128}$', description })
const url = (description: string) => Type.Optional(Type.String({ pattern: '^https?://[!-~]+$', description }))

const Entra = Type.Object({
  tenant: id('The directory: its id, or a domain of it.'),
  client: id('The application (client) id; its secret is the key.'),
  authority: url('Where tokens come from. Left out: https://login.microsoftonline.com.'),
  scope: url('What tokens are for. Left out: https://cognitiveservices.azure.com/.default.'),
}, { additionalProperties: false, description: 'Sign in with client credentials instead of a key of the resource.' })

/** Since this version a stream may be asked for its usage; those before answer 400. */
const USAGE_SINCE = '2024-09-01'

/** What a deployment serves; all else belongs to the resource. */
const DEPLOYED = /^\/(?:chat\/completions|completions|embeddings|audio\/[a-z]+|images\/[a-z]+)(?:\?|$)/

/** Responses are left to /openai/v1: most dated versions have none, and there it is the body that names the deployment. */
const OLDER: readonly string[] = ['openai-completions', 'openai-embeddings', 'openai-raw']

export default defineProvider({
  name: 'azure',

  options: Type.Object({
    apiVersion: Type.Optional(id('The dated API, such as 2024-10-21. Left out, calls go to /openai/v1.')),
    deployments: Type.Optional(Type.Record(Type.String(), Type.String({ minLength: 1 }), {
      description: 'Model -> deployment, where they are not called alike. With apiVersion only.',
    })),
    entra: Type.Optional(Entra),
  }, { additionalProperties: false }),

  connect({ key, url: base, options }): Connection {
    if (base === undefined) throw new Error('expected a url: https://NAME.openai.azure.com')
    const { origin, path } = endpoint(base)
    if (/\/openai(?:\/v1)?(?:\?|$)/.test(path('', ''))) throw new Error('expected the url of the resource alone, without /openai')
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    const below = pathsOf(options)
    return {
      origin,
      path: (asked, model) => path(below(asked, model), model),
      dialects: options.apiVersion === undefined ? ['openai-chat', 'openai-responses', ...OLDER] : ['openai-chat', ...OLDER],
      streamUsage: options.apiVersion === undefined || options.apiVersion >= USAGE_SINCE,
      ...credential(key, options.entra),
    }
  },
})

function pathsOf({ apiVersion, deployments }: { apiVersion?: string; deployments?: Record<string, string> }): Connection['path'] {
  if (apiVersion === undefined) {
    const problem = 'expected no deployments without an apiVersion: below /openai/v1 the `model` of a target names one'
    if (deployments !== undefined) throw new Error(problem)
    return path => `/openai/v1${path}`
  }
  // A map, since models are named by clients: `constructor` is none.
  const deploymentOf = new Map(Object.entries(deployments ?? {}))
  return (path, model) => {
    const deployment = encodeURIComponent(deploymentOf.get(model) ?? model)
    const place = DEPLOYED.test(path) ? `/openai/deployments/${deployment}` : '/openai'
    return `${place}${path}${path.includes('?') ? '&' : '?'}api-version=${apiVersion}`
  }
}

function credential(key: string, entra: Static<typeof Entra> | undefined): Pick<Connection, 'headers' | 'issuer'> {
  if (entra === undefined) return { headers: ['api-key', key] }
  const authority = endpoint(entra.authority ?? 'https://login.microsoftonline.com')
  const issuer = {
    url: authority.origin + authority.path(`/${entra.tenant}/oauth2/v2.0/token`, ''),
    form: () => ({
      grant_type: 'client_credentials',
      client_id: entra.client,
      client_secret: key,
      scope: entra.scope ?? 'https://cognitiveservices.azure.com/.default',
    }),
  }
  return { headers: [], issuer }
}
