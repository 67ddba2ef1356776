// What a responder that learns is asked: the request, and the two names under which an answer to it may be known. Called by
// chain.ts; the names are made only where a responder learns.
import { hash } from 'node:crypto'
import type { Question, Segment, Tape } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Conversation } from './conversation.ts'
import type { Step } from './step.ts'

/** The question as a responder's step finds it. */
export function questionFor(context: Context, { learns }: Step, conversation: Conversation, segments: readonly Segment[]): Question {
  const { model, stream } = context
  if (!learns || context.dialect.answer === undefined) return { model, stream, segments, key: '', setting: '', latest: -1, reuse: 'any' }
  const latest = segments.findLast(({ origin, channel }) => origin === 'user' && channel === 'text')
  const setting = settingOf(context, conversation, latest?.id ?? -1)
  const key = hash('sha256', `${setting}\0${latest?.text ?? ''}`, 'base64url')
  return { model, stream, segments, key, setting, latest: latest?.id ?? -1, reuse: reuseOf(context.request.headers['cache-control']) }
}

/** RFC 9111 section 5.2.1; what else a client may say there is about the age of copies, which it cannot know. */
function reuseOf(header: string | undefined): Question['reuse'] {
  const words = (header ?? '').toLowerCase().split(',').map(word => word.trim())
  if (words.includes('no-store')) return 'never'
  return words.includes('no-cache') ? 'renew' : 'any'
}

/** A hash over everything that decides the answer, but for one text. */
function settingOf(context: Context, conversation: Conversation, without: number): string {
  const { dialect, model, route, chain, request, tape } = context
  const headers: unknown[] = []
  for (const name of dialect.forwards) {
    const value = request.headers[name]
    if (value !== undefined && !ABOUT_THE_CALL.has(name)) headers.push(name, value)
  }
  // A stricter chain lets pass what the other might not have.
  const facts = JSON.stringify([route!.name, route!.policy, chain === route!.strict, dialect.name, model, headers, conversation.added])
  return hash('sha256', facts + canonical(tape!, conversation.changedTexts(without)), 'base64url')
}

/** Of the headers that go upstream, those that tell one call from another. */
const ABOUT_THE_CALL: ReadonlySet<string> = new Set(['accept', 'idempotency-key', 'x-client-request-id'])

/** How the answer comes says nothing about what it is. */
const ABOUT_THE_WAY: ReadonlySet<string> = new Set(['stream', 'stream_options'])

/** A name that needs no quotes to be told from all others. */
const PLAIN = /^\w+$/

/**
 * A body with the members of its objects in one order, without white space, and with other texts where some are given by their
 * nodes. It is in latin1, a character for each byte of UTF-8, so that most of it is cut out of the body as it came.
 */
export function canonical(tape: Tape, texts: ReadonlyMap<number, string>): string {
  return written(tape, 0, tape.bytes.toString('latin1'), texts)
}

function written(tape: Tape, node: number, body: string, texts: ReadonlyMap<number, string>): string {
  const text = texts.get(node)
  if (text !== undefined) return quoted(text)
  switch (tape.kind(node)) {
    case 'object': {
      const members: string[] = []
      for (let member = tape.first(node); member !== -1; member = tape.next(member)) {
        const name = tape.key(member)
        if (node === 0 && ABOUT_THE_WAY.has(name)) continue
        members.push(`${PLAIN.test(name) ? name : JSON.stringify(name)}:${written(tape, member, body, texts)}`)
      }
      return `{${members.toSorted().join()}}`
    }
    case 'array': {
      let elements = ''
      for (let element = tape.first(node); element !== -1; element = tape.next(element)) elements += `${written(tape, element, body, texts)},`
      return `[${elements}]`
    }
    default: {
      const cut = body.slice(tape.start(node), tape.end(node))
      // What is written with a backslash can be written in other ways too.
      return cut.includes('\\') ? quoted(tape.text(node)!) : cut
    }
  }
}

/** As it stands in bodies that escape no more than they have to. */
const quoted = (text: string): string => Buffer.from(JSON.stringify(text)).toString('latin1')
