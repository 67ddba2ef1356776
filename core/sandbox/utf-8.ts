// UTF-8 for the packages that shipped processors stand on: an isolate has the language, and nothing of the web. Put into
// their bundles by bundle.ts, where they ask for it.

/** As the web's, for `encode`. */
export class TextEncoder {
  encode(text: string): Uint8Array {
    const bytes: number[] = []
    const quoted = encodeURIComponent(text.toWellFormed())
    for (let i = 0; i < quoted.length; i++) {
      if (quoted[i] !== '%') bytes.push(quoted.charCodeAt(i))
      else {
        bytes.push(Number.parseInt(quoted.slice(i + 1, i + 3), 16))
        i += 2
      }
    }
    return Uint8Array.from(bytes)
  }
}

/** As the web's, for `decode` of bytes that are UTF-8. Throws a URIError for any other. */
export class TextDecoder {
  decode(bytes: Uint8Array): string {
    return decodeURIComponent(Array.from(bytes, byte => `%${byte.toString(16).padStart(2, '0')}`).join(''))
  }
}
