// Gives an answer again that was given before: to the same question (exact), and where `near` is set to one that means the
// same. Every consumer has answers of its own unless `scope` says otherwise. Steps above see a copy as they see an answer from
// upstream; steps below are not asked, so a cache belongs below whatever guards the request.
import { defineProcessor, Type, type Answered, type Equipment, type Question, type Scope, type Static } from 'gatehouse/sdk'
import { Copies, type Copy } from './cache/copies.ts'
import { Flights } from './cache/flights.ts'
import { Near } from './cache/near.ts'
import { Purges } from './cache/purges.ts'

const DEFAULTS = { ttl: 3600, bytes: 64 * 2 ** 20, scope: 'consumer', wait: 1000 }
// With the guards, 0.92 was enough on one set of labelled questions and not on the other (bench/README.md).
const NEAR = { mode: 'shadow', threshold: 0.94, wait: 200, embedder: { use: 'local' }, index: { use: 'memory' } }

const MEMBER = Type.Object({
  use: Type.String({ minLength: 1 }), options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
}, { additionalProperties: false })

const OPTIONS = Type.Object({
  ttl: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 31_536_000, default: DEFAULTS.ttl, description: 'Seconds for which an answer may be given again.' })),
  bytes: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 34, default: DEFAULTS.bytes, description: 'Memory for answers, in each worker.' })),
  scope: Type.Optional(Type.String({
    pattern: '^(consumer|everyone|tags\\..+)$', title: 'consumer, everyone or tags.NAME', default: DEFAULTS.scope,
    description: 'Who shares answers: nobody (consumer), consumers with the same tag (tags.team), or everyone.',
  })),
  wait: Type.Optional(Type.Integer({
    minimum: 0, maximum: 60_000, default: DEFAULTS.wait,
    description: 'Milliseconds that a question waits for the answer to the same one that is under way.',
  })),
  near: Type.Optional(Type.Object({
    mode: Type.Optional(Type.Enum(['shadow', 'serve'], { default: NEAR.mode, description: 'shadow asks the upstream all the same, and counts how often its answer is another.' })),
    threshold: Type.Optional(Type.Number({ minimum: 0.5, maximum: 1, default: NEAR.threshold, description: 'Cosine of two questions.' })),
    wait: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000, default: NEAR.wait, description: 'Milliseconds that a question waits for embedder and index.' })),
    embedder: Type.Optional(MEMBER),
    index: Type.Optional(MEMBER),
  }, { additionalProperties: false })),
}, { additionalProperties: false })

export default defineProcessor({
  name: 'cache',
  kind: 'responder',
  rights: ['respond', 'annotate'],
  // A cache that fails costs money, and nothing else.
  onError: 'open',
  options: OPTIONS,
  async setup(options, equipment) {
    const { ttl, bytes, scope: shared, wait } = { ...DEFAULTS, ...options }
    const copies = new Copies(bytes, ttl * 1000)
    const flights = new Flights(wait)
    const purges = new Purges()
    const near = options.near && await openNear(options.near, ttl * 1000, equipment)
    const serves = options.near?.mode === 'serve'
    /** What questions under way would have been answered, in shadow. */
    const wouldBe = new WeakMap<Question, Copy>()

    const keyOf = ({ key }: Question, scope: Scope): string => `${sharers(shared, scope)}\n${key}`
    const partitionOf = ({ setting }: Question, scope: Scope): string => `${sharers(shared, scope)}\n${setting}`

    function hit(key: string) {
      const copy = copies.find(key)
      return copy && { text: copy.text, note: 'hit', source: copy.source }
    }

    async function search(question: Question, scope: Scope, key: string) {
      const found = await near?.find(partitionOf(question, scope), question)
      if (found !== undefined && serves) return { text: found.copy.text, note: 'near', source: `${found.similarity.toFixed(3)} ${found.copy.source}` }
      if (found !== undefined) wouldBe.set(question, found.copy)
      await flights.follow(key)
      return hit(key) ?? { note: found === undefined ? 'miss' : 'would-near' }
    }

    async function learnNear(question: Question, scope: Scope, copy: Copy): Promise<string | undefined> {
      const would = wouldBe.get(question)
      const alike = would === undefined ? undefined : await near!.alike(would.text, copy.text)
      await near!.keep(partitionOf(question, scope), question, copy, () => purges.overtook(question, copy.tags))
      return alike === undefined ? undefined : alike ? 'near-alike' : 'near-differs'
    }

    return {
      respond(question, scope) {
        if (question.key === '') return { note: 'off' }
        const key = keyOf(question, scope)
        const known = question.reuse === 'any' ? hit(key) : undefined
        if (known !== undefined) return known
        purges.begin(question)
        return question.reuse === 'any' ? search(question, scope, key) : { note: 'off' }
      },
      learn(question, answered: Answered | undefined, scope) {
        const key = keyOf(question, scope)
        const mayKeep = question.key !== '' && question.reuse !== 'never' && !purges.overtook(question, tagsOf(scope))
        const copy = mayKeep && answered !== undefined ? copyOf(answered.text, scope) : undefined
        if (copy !== undefined) copies.put(key, copy)
        flights.land(key)
        return copy && near && learnNear(question, scope, copy)
      },
      async forget(tags) {
        purges.note(tags)
        return copies.forget(tags) + (await near?.forget(tags) ?? 0)
      },
    }
  },
})

async function openNear(options: NonNullable<Static<typeof OPTIONS>['near']>, ttl: number, equipment: Equipment | undefined): Promise<Near> {
  if (equipment === undefined) throw new Error('expected run: inline for a cache with near')
  const { threshold, wait, embedder: coder, index } = { ...NEAR, ...options }
  const embedder = await equipment.embedder(coder)
  return new Near(embedder, await equipment.index(index, embedder), { threshold, wait, ttl })
}

/** Who may be given one another's answers; a consumer without the tag is by itself. */
function sharers(shared: string, { consumer, tags }: Scope): string {
  if (shared === 'everyone') return '[]'
  const name = shared.startsWith('tags.') ? shared.slice('tags.'.length) : ''
  return JSON.stringify(Object.hasOwn(tags, name) ? [name, tags[name]] : [consumer])
}

/** What an answer is forgotten by: `consumer:research`, `route:chat`, `model:gpt-4o`, `tags.team:lab`. */
function tagsOf({ consumer, route, model, tags }: Scope): string[] {
  return [`consumer:${consumer}`, `route:${route}`, `model:${model}`, ...Object.entries(tags).map(([name, value]) => `tags.${name}:${value}`)]
}

function copyOf(text: string, scope: Scope): Copy {
  const now = new Date()
  const source = `${now.toISOString()} for ${scope.consumer.slice(0, 100).replace(/[^ -~]/g, '?')}`
  return { text, at: now.getTime(), source, tags: tagsOf(scope) }
}
