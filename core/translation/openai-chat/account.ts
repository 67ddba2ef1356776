// What a writer of requests could not carry over, as it goes along. Used by the writers of this family and of Ollama.
import { GatehouseError } from '../../../sdk/index.ts'
import type { CanonicalRequest, Warning } from '../../../sdk/index.ts'

/** The warnings of one request. */
export class Account {
  readonly warnings: Warning[] = []

  warn(field: string, action: Warning['action'], why: string): void {
    this.warnings.push({ field, action, why })
  }

  /** Everything of a request that a format has no field for, of what was said. */
  drop(request: CanonicalRequest, fields: readonly (keyof CanonicalRequest)[], why: string): void {
    for (const field of fields) if (request[field] !== undefined) this.warn(field, 'dropped', why)
  }

  /** The fields of another format that stay behind. */
  dropRest({ rest }: CanonicalRequest, kept: (field: string) => boolean): void {
    for (const field of Object.keys(rest.fields)) if (!kept(field)) this.warn(field, 'dropped', 'this format has no such field')
  }
}

/** Says what cannot be told to a provider and must not be left out. */
export function untranslatable(param: string, problem: string): never {
  throw new GatehouseError('untranslatable', `Expected a request that this provider can be told; ${problem}.`, { param })
}
