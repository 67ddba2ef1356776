// Tokens as Gemini counts them. Used by the writers of answers and streams; ../../dialect/gemini/answers.ts reads them.
import type { Usage } from '../../../sdk/index.ts'
import type { Fields } from './proto.ts'

/** The usageMetadata to write. Kinds are told apart where there is more than text. */
export function writeUsage(usage: Usage): Fields {
  const { input, output, cacheRead, reasoning, inputAudio, inputImage, cacheReadAudio, cacheReadImage, outputAudio, outputImage } = usage
  return {
    promptTokenCount: input,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    candidatesTokenCount: output - reasoning,
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    totalTokenCount: input + output,
    ...detailsOf('promptTokensDetails', input, inputAudio, inputImage),
    ...detailsOf('cacheTokensDetails', cacheRead, cacheReadAudio, cacheReadImage),
    ...detailsOf('candidatesTokensDetails', output - reasoning, outputAudio, outputImage),
  }
}

function detailsOf(field: string, whole: number, audio = 0, image = 0): Fields {
  if (audio + image === 0) return {}
  const kinds = [
    { modality: 'TEXT', tokenCount: whole - audio - image }, { modality: 'AUDIO', tokenCount: audio }, { modality: 'IMAGE', tokenCount: image },
  ]
  return { [field]: kinds.filter(({ tokenCount }) => tokenCount > 0) }
}
