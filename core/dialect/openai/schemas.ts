// Where an OpenAI request declares what the JSON of its answer has to be. Used by openai-chat.ts.
import type { Schemas, Tape } from '../../../sdk/index.ts'

/** The schemas of `tools`, of the older `functions`, and of `response_format`. */
export function schemasOf(request: Tape): Schemas {
  const tools = new Map<string, number>()
  const add = (declared: number): void => {
    const name = request.text(fieldOf(request, declared, 'name'))
    const schema = fieldOf(request, declared, 'parameters')
    if (name !== undefined && schema !== -1) tools.set(name, schema)
  }
  for (const tool of elementsOf(request, 'tools')) add(fieldOf(request, tool, 'function'))
  for (const declared of elementsOf(request, 'functions')) add(declared)
  const format = request.find(0, 'response_format')
  const wrapped = fieldOf(request, fieldOf(request, format, 'json_schema'), 'schema')
  // Together puts it one level up.
  return { tools, text: wrapped === -1 ? fieldOf(request, format, 'schema') : wrapped }
}

/** A member of what may be an object, or nothing at all. */
function fieldOf(request: Tape, node: number, name: string): number {
  return node === -1 ? -1 : request.find(node, name)
}

function* elementsOf(request: Tape, name: string): Generator<number> {
  const list = request.find(0, name)
  if (list === -1 || request.kind(list) !== 'array') return
  for (let element = request.first(list); element !== -1; element = request.next(element)) yield element
}
