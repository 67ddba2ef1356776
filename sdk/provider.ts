// The provider contract: where a vendor's requests go and how they are signed. A provider knows nothing of routes,
// retries or streams; it is asked once per config to connect, and then only for the head of each request.
import type { Static, TSchema } from 'typebox'
import type { Dispatcher } from 'undici'

/** A vendor's endpoint, ready to be used. Made once per config. */
export interface Connection {
  /** Scheme, host and port: `https://api.openai.com`. */
  readonly origin: string
  /** Whose prices apply, where the provider's own name does not say it: `groq`. */
  readonly vendor?: string
  /** Dialects that the vendor speaks, by name. */
  readonly dialects: readonly string[]
  /** True where a stream may be asked to report its usage (`stream_options`); a few vendors refuse the field. */
  readonly streamUsage: boolean
  /** The field that bounds an answer's length there; left out, the dialect's own first one. */
  readonly lengthField?: string
  /** The path for one call. `model` is the target's model; `path` is the dialect's own path below the base URL. */
  path(path: string, model: string): string
  /** Name, value, name, value: what every call carries. Computed once, never logged. */
  readonly headers: readonly string[]
  /** Name, value, name, value: what a call carries whose client says nothing of the kind. Names in lower case. */
  readonly defaults?: readonly string[]
  /**
   * Headers that depend on the call, or on the hour: a signature, a token of a short life. Synchronous wherever that is
   * possible: what it waits for, every request waits for. A throw or rejection fails the call and is never shown to anyone.
   */
  sign?(call: Signable): readonly string[] | Promise<readonly string[]>
  /** Who gives out the bearer tokens of a short life that calls carry. The gateway asks, keeps and renews them. */
  readonly issuer?: Issuer
  /**
   * Where the bytes go instead of over the network: for a provider that answers by itself. Same verb as undici's own
   * dispatchers, so everything above it is none the wiser.
   */
  readonly dispatcher?: Dispatcher
}

/** A token endpoint of OAuth 2.0 (RFC 6749). */
export interface Issuer {
  readonly url: string
  /** The fields that ask for a token; made anew each time, since they may be signed for the hour. */
  form(): Readonly<Record<string, string>>
}

/** A call as it is about to leave. */
export interface Signable {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  /** Undefined for an upload that passes by unread. */
  readonly body: Buffer | undefined
}

/** What a provider is told about itself: its entry in the config. */
export interface ProviderSettings<O> {
  /** The credential, resolved; empty where none is set. */
  readonly key: string
  /** Base URL, where the config overrides the vendor's own. */
  readonly url: string | undefined
  readonly options: O
}

/** A provider as its file exports it by default. */
export interface ProviderDefinition<O extends TSchema = TSchema> {
  /** The name of the file and the `use:` in the config. */
  readonly name: string
  readonly options?: O
  /** Throws a plain sentence where the settings cannot work (no URL, no key): it becomes a config error. */
  connect(settings: ProviderSettings<Static<O>>): Connection
}

/** Defines a provider. An identity function for its types. */
export function defineProvider<O extends TSchema>(definition: ProviderDefinition<O>): ProviderDefinition<O> {
  return definition
}

/**
 * The origin and paths of a base URL: a call's path goes behind the base's own, and a query of its own stays. Throws a
 * plain sentence for what is no HTTP URL, or carries a user, a password or a fragment.
 */
export function endpoint(url: string): Pick<Connection, 'origin' | 'path'> {
  const base = URL.parse(url)
  if (base === null || !/^https?:$/.test(base.protocol)) throw new Error('expected the url to begin with https:// or http://')
  if (base.username !== '' || base.password !== '') throw new Error('expected a url without a user and password')
  if (base.hash !== '') throw new Error('expected a url without a fragment (#)')
  const root = base.pathname.replace(/\/$/, '')
  const query = base.search.slice(1)
  return {
    origin: base.origin,
    path: path => query === '' ? root + path : `${root}${path}${path.includes('?') ? '&' : '?'}${query}`,
  }
}
