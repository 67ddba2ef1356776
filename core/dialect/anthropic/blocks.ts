// Blocks of Anthropic's content, of requests, answers and stream frames: where their text stands. Used by the maps of
// ../anthropic-messages.ts.
import { anywhere, each, fields, text, wholeText, word } from '../../../sdk/index.ts'
import type { Leaf, Origin, Place } from '../../../sdk/index.ts'
import { fromUser, opaque } from '../openai/words.ts'

/** Where a prompt cache may cut. */
export const cacheMark = fields({ type: word, ttl: word })

export const toolName = text('tool_name', 'tool_def')
const description = text('text', 'tool_def')
const schema = anywhere({ channel: 'schema', origin: 'tool_def' })

/** A tool as it is declared, of the client's own or one of Anthropic's. */
export const tool = fields({
  type: word,
  name: toolName,
  description,
  input_schema: schema,
  input_examples: each(anywhere({ channel: 'schema', origin: 'tool_def' })),
  allowed_callers: each(word),
  allowed_domains: each(word),
  blocked_domains: each(word),
  user_location: fields({
    type: word, city: fromUser, region: fromUser, country: fromUser, timezone: fromUser,
  }),
  mcp_server_name: word,
  // Settings by the names of tools.
  configs: opaque,
  default_config: opaque,
  tools: each(fields({ name: toolName })),
  model: word,
  cache_control: cacheMark,
})

/** The arguments of a call: an object, whose JSON is the text. A frame has all of it or none. */
function args(origin?: Origin): Place {
  const leaf: Leaf = { channel: 'tool_args', json: true, whole: true, ...(origin !== undefined && { origin }) }
  return { leaf }
}

/** A quotation, in answers and in turns that bring them back. */
export function citation(origin?: Origin): Place {
  const quoted = wholeText('text', origin)
  return fields({
    type: word, cited_text: quoted, document_title: wholeText('text', 'file'), title: quoted, source: quoted, url: quoted,
    file_id: word, encrypted_index: word,
  })
}

/**
 * A block. Without an origin the role of its message gives it. What the provider's own tools found is the result of a
 * tool, wherever it stands. `grows` is how a text is said that a stream may cut.
 */
export function blockOf(origin?: Origin, grows: typeof text = text): Place {
  const block: { byType?: Readonly<Record<string, Place>>; fields: Readonly<Record<string, Place>> } = {
    // A type that nobody knows: its text is uncovered.
    fields: { type: word, cache_control: cacheMark },
  }
  const found = wholeText('text', 'tool_result')
  const ofFile = wholeText('text', 'file')
  const kind = (members: Readonly<Record<string, Place>>): Place => fields({ type: word, cache_control: cacheMark, ...members })
  const source: Place = fields({ type: word, media_type: word, file_id: word, url: word, data: word }, {
    byType: {
      text: fields({ type: word, media_type: word, data: ofFile }),
      content: fields({ type: word, content: { ...ofFile, ...each(block) } }),
    },
  })
  const call = kind({
    id: word, name: wholeText('tool_name', origin), input: args(origin), caller: fields({ type: word, tool_id: word }),
    server_name: word, toolset_name: word,
  })
  const document = kind({ source, title: ofFile, context: ofFile, citations: opaque })
  /** What a tool of the provider's brought: a result, a list of them, or an error's code. */
  const outcome: Place = fields({
    type: word,
    text: found,
    content: { ...found, ...each(fields({ type: word, file_id: word })), ...fields(document.fields!) },
    stdout: found,
    stderr: found,
    encrypted_stdout: word,
    encrypted_content: word,
    lines: each(found),
    file_type: word,
    title: found,
    url: found,
    page_age: word,
    retrieved_at: word,
    tool_references: each(fields({ type: word, tool_name: toolName })),
    stop_reason: word,
    error_code: word,
    error_message: found,
  })
  const caller = fields({ type: word, tool_id: word })
  const result = kind({ tool_use_id: word, caller, content: { ...outcome, ...each(outcome), leaf: found.leaf! } })
  const changed = kind({ tool: { ...tool, ...fields({ ...tool.fields, server_name: word }) } })
  block.byType = {
    text: kind({ text: grows('text', origin), citations: each(citation(origin)) }),
    thinking: kind({ thinking: grows('reasoning', origin), signature: word }),
    redacted_thinking: kind({ data: word }),
    image: kind({ source, transformations: opaque }),
    document,
    search_result: kind({ source: found, title: found, content: each(kind({ text: found, citations: opaque })), citations: opaque }),
    tool_use: call,
    server_tool_use: call,
    mcp_tool_use: call,
    tool_result: kind({
      tool_use_id: word, toolset_name: word,
      content: { leaf: found.leaf!, ...each(origin === 'tool_result' ? block : blockOf('tool_result')) },
    }),
    browser_state: kind({
      tabs: each(fields({ tab_id: word, title: found, url: found })),
      state_changes: each(fields({ type: word, tab_id: word, download_id: word, url: found, path: found, error: found })),
    }),
    tool_reference: kind({ tool_name: toolName }),
    mcp_tool_result: kind({ tool_use_id: word, content: { ...found, ...each(kind({ text: found, citations: opaque })) } }),
    mcp_tool_listing: kind({ mcp_server_name: word, tools: each(tool) }),
    container_upload: kind({ file_id: word }),
    compaction: kind({ content: grows('text', origin), encrypted_content: word, signature: word, tool_changes: each(changed) }),
    fallback: opaque,
    tool_addition: changed,
    tool_removal: changed,
    ...Object.fromEntries(RESULTS.map(name => [`${name}_tool_result`, result])),
  }
  return block
}

/** Tools of Anthropic's own that bring their results themselves. */
const RESULTS = [
  'web_search', 'web_fetch', 'code_execution', 'bash_code_execution', 'text_editor_code_execution', 'tool_search', 'advisor',
] as const
