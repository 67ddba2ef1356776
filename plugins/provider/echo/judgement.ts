// What the echo provider makes of texts without saying anything: embeddings, moderations, its list of models. Called by
// answer.ts.
import { createHash, randomUUID } from 'node:crypto'
import type { Said } from './answer.ts'
import { countWords, fieldsOf, inputsOf, itemsOf, Refusal, wholeNumber, type Request } from './request.ts'

/** Numbers in one answer, over all its vectors. */
const MOST = 1 << 20

/** The categories of OpenAI's moderation models. */
const CATEGORIES = [
  'harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent', 'self-harm',
  'self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors', 'violence', 'violence/graphic',
]

/** `POST /embeddings`: vectors of length 1 that only depend on the text. Close texts are not close in them. */
export function embeddings(request: Request): Said {
  const inputs = inputsOf(request, 'input', 2048)
  const dimensions = wholeNumber(request, 'dimensions', 256, 4096)
  if (inputs.length * dimensions > MOST) throw new Refusal(400, `Expected at most ${MOST} numbers in all.`, 'dimensions')
  const format = request.encoding_format ?? 'float'
  if (format !== 'float' && format !== 'base64') throw new Refusal(400, 'Expected "float" or "base64".', 'encoding_format')
  const data = inputs.map((text, index) => {
    const vector = vectorOf(text, dimensions)
    const embedding = format === 'float' ? Array.from(vector) : Buffer.from(vector.buffer).toString('base64')
    return { object: 'embedding', index, embedding }
  })
  const words = inputs.reduce((sum, text) => sum + countWords(text), 0)
  return { whole: { object: 'list', data, model: request.model, usage: { prompt_tokens: words, total_tokens: words } } }
}

/** `POST /moderations`: nothing is ever flagged, since nobody looks. */
export function moderations(request: Request): Said {
  // A list of parts (text, image_url) is one input; a list of texts is several.
  const parts = itemsOf(request.input).some(part => typeof fieldsOf(part).type === 'string')
  const inputs = parts ? [''] : inputsOf(request, 'input', 2048)
  const each = <T>(value: T): Record<string, T> => Object.fromEntries(CATEGORIES.map(category => [category, value]))
  const result = {
    flagged: false,
    categories: each(false),
    category_scores: each(0),
    category_applied_input_types: each(['text']),
  }
  return { whole: { id: `modr-${randomUUID().replaceAll('-', '')}`, model: request.model, results: inputs.map(() => result) } }
}

/** `GET /models`: one, though every name is served. */
export function models(): object {
  return { object: 'list', data: [{ id: 'echo', object: 'model', created: 0, owned_by: 'gatehouse' }] }
}

function vectorOf(text: string, dimensions: number): Float32Array<ArrayBuffer> {
  const bytes = createHash('shake256', { outputLength: 4 * dimensions }).update(text).digest()
  const raw = Array.from({ length: dimensions }, (_, index) => bytes.readInt32LE(4 * index) / 2 ** 31)
  const length = Math.hypot(...raw)
  return Float32Array.from(raw, value => value / length)
}
