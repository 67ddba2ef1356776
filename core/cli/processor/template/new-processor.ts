// new-processor: finds the words that its options list, and proposes to replace them.
// A processor says what it saw and touches nothing: the gateway merges, edits, guards streams and keeps the record.
import { defineProcessor, Type, type Finding } from 'gatehouse/sdk'

const LONGEST = 40

/** Texts in which it finds something, for its tests. */
export const samples = ['Tell me about Blue Heron.']

export default defineProcessor({
  name: 'new-processor',
  // Segments -> findings. The other kinds: transform, responder, observer.
  kind: 'detector',
  // The most that it will ever ask for; the config may grant less.
  rights: ['annotate', 'edit'],
  // What it is shown: whose texts (its own answers are the assistant's), and which kinds of text.
  reads: { origins: ['user', 'tool_result', 'assistant'], channels: ['text'] },
  // The longest finding, in UTF-16 code units: how much of a stream has to wait. Too small a number is a leak.
  stream: { maxMatch: LONGEST },
  // Where it fails and the config says nothing, the traffic stops.
  onError: 'closed',
  // The config is checked against this, with file and line.
  options: Type.Object({
    words: Type.Array(Type.String({ minLength: 1, maxLength: LONGEST })),
  }, { additionalProperties: false }),
  // Called once per config: build tables and patterns here.
  setup({ words }) {
    return {
      // Called with new texts all the time. Pure: nothing is remembered, and the same texts give the same findings.
      inspect(segments) {
        const findings: Finding[] = []
        for (const { id, text } of segments) {
          for (const word of words) {
            // Each place counts, even within another finding: the gateway merges what overlaps.
            for (let start = text.indexOf(word); start !== -1; start = text.indexOf(word, start + 1)) {
              findings.push({ segment: id, start, end: start + word.length, type: 'word', action: 'replace' })
            }
          }
        }
        return findings
      },
    }
  },
})
