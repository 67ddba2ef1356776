// Puts the operator's own messages around a conversation: house rules before it, reminders behind it. Steps below see
// them with the origin `gateway`, so that nobody scans the operator's words.
import { type Change, defineProcessor, Type } from 'gatehouse/sdk'

const MESSAGES = Type.Array(Type.Object({
  role: Type.Enum(['system', 'developer', 'user', 'assistant']),
  text: Type.String({ minLength: 1 }),
}, { additionalProperties: false }), { minItems: 1, maxItems: 100 })

export default defineProcessor({
  name: 'prompt-decorate',
  kind: 'transform',
  rights: ['edit'],
  reads: { origins: [] },
  options: Type.Object({
    prepend: Type.Optional(MESSAGES),
    append: Type.Optional(MESSAGES),
  }, { additionalProperties: false, minProperties: 1 }),
  setup({ prepend = [], append = [] }) {
    const changes: readonly Change[] = [
      // Each insert at the start goes before what is there already: the last one written is put there first.
      ...prepend.toReversed().map(message => ({ change: 'insert', ...message, at: 'start' }) as const),
      ...append.map(message => ({ change: 'insert', ...message, at: 'end' }) as const),
    ]
    return { transform: () => changes }
  },
})
