// Google's models on Google Cloud (Vertex AI). The key is the JSON of a service account; without one, the application
// default credentials of this machine serve. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, Type, type Connection } from 'gatehouse/sdk'
import { readCredentials } from './vertex/credentials.ts'

const PROJECT = '^[a-z0-9][a-z0-9.:-]{0,127}$'

export default defineProvider({
  name: 'vertex',

  options: Type.Object({
    project: Type.Optional(Type.String({ pattern: PROJECT, description: "Left out, the service account's own." })),
    location: Type.Optional(Type.String({
      pattern: '^[a-z0-9-]{1,64}$', description: 'Where the models run: global (left out), us, eu, europe-west4 ...',
    })),
  }, { additionalProperties: false }),

  connect({ key, url, options: { project: named, location = 'global' } }): Connection {
    const { issuer, project = '', quotaProject } = readCredentials(key)
    const owner = named ?? project
    if (!new RegExp(PROJECT).test(owner)) throw new Error('expected a project in the options: these credentials name none')
    const { origin, path } = endpoint(url ?? `https://${hostOf(location)}/v1`)
    const place = `/projects/${owner}/locations/${location}/publishers/google`
    return {
      origin,
      path: (below, model) => path(place + withModel(below, model), model),
      dialects: ['gemini', 'gemini-count-tokens', 'vertex-embeddings'],
      streamUsage: false,
      headers: quotaProject === undefined ? [] : ['x-goog-user-project', quotaProject],
      issuer,
    }
  },
})

function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com'
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`
  return `${location}-aiplatform.googleapis.com`
}

/** The model stands in the path alone, so that is where the target's takes the place of the client's. */
function withModel(path: string, model: string): string {
  return path.replace(/^\/models\/[^/:?]+(?=:)/, () => `/models/${encodeURIComponent(model.replace(/^models\//, ''))}`)
}
