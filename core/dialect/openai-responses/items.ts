// What stands in the items of a request and of an answer: the same things, said by a client or by a model. Used by
// request.ts and response.ts.
import { anywhere, each, fields, text, word } from '../../../sdk/index.ts'
import type { Channel, Origin, Place } from '../../../sdk/index.ts'
import { opaque } from '../openai/words.ts'

/** Where items stand: in a frame, what is told whole says again what came in pieces. */
export interface Standing {
  /** A string of the given channel, and of an origin where the item's role does not say it. */
  text(channel: Channel, origin?: Origin): Place
  /** Every string at any depth. */
  anywhere(channel: Channel, origin: Origin): Place
}

/** Texts that are pieces, or whole bodies. */
export const ONCE: Standing = { text, anywhere: (channel, origin) => anywhere({ channel, origin }) }
/** Texts that a frame says whole, whether they came in pieces or not. */
export const AGAIN: Standing = {
  text: (channel, origin) => ({ leaf: origin === undefined ? { channel, again: true } : { channel, origin, again: true } }),
  anywhere: (channel, origin) => anywhere({ channel, origin, again: true }),
}
/** Texts that are still to come, of a thing that has its name already. */
export const BEGUN: Standing = {
  ...ONCE, text: (channel, origin) => (channel === 'tool_name' ? AGAIN : ONCE).text(channel, origin),
}

/** The words of every item. */
const about = {
  id: word, type: word, status: word, role: word, phase: word, call_id: word, namespace: word, created_by: word,
  caller: fields({ type: word, caller_id: word }),
}

/** Tokens spell the text again. */
export const logprobs = each({ ...opaque, mark: 'repeats' })

/** Sources of what was said. */
export function annotation(standing: Standing, origin?: Origin): Place {
  const cited = standing.text('text', origin)
  return fields({ type: word, url: cited, title: cited, filename: cited, file_id: word, container_id: word })
}

/** A part of a message. */
export function part(standing: Standing, origin?: Origin): Place {
  const said = standing.text('text', origin)
  return fields({
    type: word,
    text: said,
    refusal: standing.text('refusal', origin),
    annotations: each(annotation(standing, origin)),
    logprobs,
    image_url: word,
    file_id: word,
    file_data: word,
    file_url: word,
    filename: standing.text('text', 'file'),
    detail: word,
    input_audio: fields({ data: word, format: word }),
    prompt_cache_breakpoint: fields({ mode: word }),
  })
}

/** A part of a thought. */
export function thoughtPart(standing: Standing): Place {
  return fields({ type: word, text: standing.text('reasoning', 'assistant') })
}

/** Any item, by its type. Without a type it is a message, whose role says whose it is. `origin` is that of an answer. */
export function item(standing: Standing, origin?: Origin): Place {
  const said = standing.text('text', origin)
  const name = standing.text('tool_name', 'assistant')
  const args = standing.text('tool_args', 'assistant')
  const given = standing.text('text', 'tool_result')
  const givenParts: Place = { ...given, ...each(part(standing, 'tool_result')) }
  const anyGiven = standing.anywhere('text', 'tool_result')
  const anyArgs = standing.anywhere('tool_args', 'assistant')
  const message = fields(
    { ...about, name: said, content: { ...said, ...each(part(standing, origin)) } },
    origin === undefined ? { opens: 'message' } : {}
  )
  const error = { ...given, ...fields({ type: word, code: word, message: given }) }
  return {
    ...message,
    byType: {
      message,
      reasoning: fields({
        ...about, summary: each(thoughtPart(standing)), content: each(thoughtPart(standing)), encrypted_content: word,
      }),
      function_call: fields({ ...about, name, arguments: args }),
      custom_tool_call: fields({ ...about, name, input: args }),
      function_call_output: fields({ ...about, name, output: givenParts }),
      custom_tool_call_output: fields({ ...about, output: givenParts }),
      mcp_call: fields({ ...about, server_label: word, name, arguments: args, output: given, error, approval_request_id: word }),
      mcp_approval_request: fields({ ...about, server_label: word, name, arguments: args }),
      mcp_approval_response: fields({ ...about, approval_request_id: word, reason: standing.text('text', 'user') }),
      mcp_list_tools: fields({
        ...about, server_label: word, error,
        tools: each(fields({
          name: standing.text('tool_name', 'tool_def'), description: standing.text('text', 'tool_def'),
          input_schema: standing.anywhere('schema', 'tool_def'), annotations: standing.anywhere('text', 'tool_def'),
        })),
      }),
      web_search_call: fields({
        ...about,
        action: fields({ type: word, query: args, queries: each(args), url: args, pattern: args, sources: each(anyGiven) }),
      }),
      file_search_call: fields({
        ...about, queries: each(args),
        results: each(fields({ file_id: word, filename: given, text: given, attributes: anyGiven })),
      }),
      code_interpreter_call: fields({
        ...about, container_id: word, code: args, outputs: each(fields({ type: word, logs: given, url: word })),
      }),
      image_generation_call: fields({
        ...about, result: word, revised_prompt: args, size: word, quality: word, background: word, output_format: word,
        action: word,
      }),
      computer_call: fields({ ...about, action: anyArgs, actions: each(anyArgs), pending_safety_checks: each(anyGiven) }),
      local_shell_call: fields({ ...about, action: anyArgs }),
      shell_call: fields({ ...about, action: fields({ commands: each(args) }), environment: opaque }),
      apply_patch_call: fields({ ...about, operation: fields({ type: word, path: args, diff: args }) }),
      computer_call_output: fields({ ...about, output: opaque, acknowledged_safety_checks: each(anyGiven) }),
      local_shell_call_output: fields({ ...about, output: given }),
      shell_call_output: fields({
        ...about, output: each(fields({ stdout: given, stderr: given, outcome: opaque, created_by: word })),
      }),
      apply_patch_call_output: fields({ ...about, output: given }),
      compaction: fields({ ...about, encrypted_content: word }),
      item_reference: fields(about),
    },
  }
}
