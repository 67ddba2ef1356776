// The wire format of a service that judges for the gateway:
// POST {"direction": "request", "segments": [{"id": 0, "origin": "user", "trust": "untrusted", "channel": "text", "text": "."}]}
// 200 {"findings": [{"segment": 0, "start": 5, "end": 9, "type": "name", "score": 0.9, "action": "mask"}], "offsets": "utf-16"}
// What may be left out, and what stands in for it, is in config/README.md. Used by ../remote.ts.
import type { Action, Direction, Finding, Segment } from 'gatehouse/sdk'
import { claimsIn, expect, Ruler, scoreOf, typeOf, type Claim } from './answer.ts'
import { inLanes } from './lanes.ts'
import type { Service } from './service.ts'

const ACTIONS: ReadonlySet<unknown> = new Set<Action>(['allow', 'annotate', 'mask', 'replace', 'hash', 'tokenize', 'block'])

/** UTF-16 code units of one call, unless a single text is longer: what common servers take without being told to. */
const MOST_AT_ONCE = 65_536

/** Asks about as many segments in one call as fit. `action` is for findings that come without one. */
export function judge(service: Service, action: Action) {
  return (segments: readonly Segment[], direction: Direction, signal: AbortSignal): Promise<Finding[]> =>
    inLanes(batchesOf(segments), service.connections, async batch =>
      findingsIn(await service.ask({ direction, segments: batch.map(asked) }, signal), batch, action))
}

const asked = ({ id, origin, trust, channel, text }: Segment): object =>
  ({ id, origin, trust, channel, text: text.toWellFormed() })

function batchesOf(segments: readonly Segment[]): Segment[][] {
  const batches: Segment[][] = []
  let room = 0
  for (const segment of segments) {
    room -= segment.text.length
    if (room >= 0) batches.at(-1)!.push(segment)
    else {
      batches.push([segment])
      room = MOST_AT_ONCE - segment.text.length
    }
  }
  return batches
}

/** Throws a sentence where the answer is not in the format. */
function findingsIn(answer: unknown, segments: readonly Segment[], action: Action): Finding[] {
  const { findings, offsets = 'utf-16' } = (answer ?? {}) as { findings?: unknown; offsets?: unknown }
  if (offsets !== 'utf-16' && offsets !== 'code-points') throw new Error('expected utf-16 or code-points at offsets')
  const texts = new Map<unknown, string>(segments.map(({ id, text }) => [id, text]))
  const rulers = new Map<unknown, Ruler>()
  return claimsIn(findings, 'findings').map(claim => {
    const { segment } = claim.fields
    const text = texts.get(segment)
    expect(text !== undefined, claim, '.segment', 'the id of a segment that was asked about')
    const ruler = rulers.get(segment) ?? new Ruler(text!, offsets)
    rulers.set(segment, ruler)
    const what = { type: typeOf(claim, 'type'), ...scoreOf(claim), ...proposalOf(claim, action) }
    return { segment: segment as number, ...ruler.span(claim), ...what }
  })
}

function proposalOf(claim: Claim, otherwise: Action): Pick<Finding, 'action' | 'replacement'> {
  const { action = otherwise, replacement } = claim.fields
  expect(ACTIONS.has(action), claim, '.action', `one of ${[...ACTIONS].join(', ')}`)
  expect(replacement === undefined || typeof replacement === 'string', claim, '.replacement', 'a text')
  return { action: action as Action, ...(replacement !== undefined && { replacement: replacement as string }) }
}
