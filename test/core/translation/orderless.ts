// The laws for formats whose messages have no order between kinds: a stream tells its pieces in the order in which they
// came, a whole answer cannot. Used by the tests of these formats.
import { fold, unfold } from '../../../core/fold.ts'
import type { Block, CanonicalAnswer, CanonicalEvent, Translation } from '../../../sdk/index.ts'

const RANK: readonly Block['kind'][] = ['reasoning', 'text', 'refusal', 'tool_call']

/** The blocks as a message of these formats has them: kind after kind, texts of a kind in one. */
export function inRanks(blocks: readonly Block[]): Block[] {
  return RANK.flatMap((kind): Block[] => {
    const those = blocks.filter(block => block.kind === kind)
    const [first] = those
    if (first === undefined || !('text' in first)) return those
    return [{ ...first, text: those.map(block => 'text' in block ? block.text : '').join('') }]
  })
}

/** The translation with streams whose blocks come in the order of a whole answer, where the stream has an end. */
export function orderless(translation: Translation): Translation {
  return {
    ...translation,
    streamReader() {
      const reader = translation.streamReader()
      const events: CanonicalEvent[] = []
      return {
        read(frame) {
          events.push(...reader.read(frame))
          return []
        },
        close() {
          events.push(...reader.close())
          const { answer, error, ended } = fold(events)
          return ended && error === undefined ? unfold(ranked(answer)) : events
        },
      }
    },
  }
}

function ranked(answer: CanonicalAnswer): CanonicalAnswer {
  return { ...answer, choices: answer.choices.map(choice => ({ ...choice, blocks: inRanks(choice.blocks) })) }
}
