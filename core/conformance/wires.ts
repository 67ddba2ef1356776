// Every dialect that the conformance kit speaks. Used by the checks.
import type { Wire } from './wire.ts'
import { MESSAGES } from './wire/anthropic-messages.ts'
import { GEMINI, GEMINI_ARRAY } from './wire/gemini.ts'
import { CHOICES } from './wire/openai-choices.ts'
import { RESPONSES } from './wire/openai-responses.ts'

/** The first of them is the one that stands for all. */
export const WIRES: readonly Wire[] = [...CHOICES, RESPONSES, MESSAGES, GEMINI, GEMINI_ARRAY]
