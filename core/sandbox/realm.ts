// What stands between a processor and its host inside the isolate. It goes in as the text of this one function, before the
// processor's own code, so it names nothing outside itself but what the language has. Used by isolate.ts.

/** The verbs that a host has inside an isolate. Answers are text. */
export interface Realm {
  /** Freezes what the language offers, takes the bundle's exports, and gives the definition as JSON, or `!` and a sentence. */
  load(exportsName: string): string
  /** Sets the processor up with options in JSON. Gives the names of the methods that exist as JSON, or `!` and a sentence. */
  setup(options: string): Promise<string>
  /**
   * Calls a method with a JSON array of arguments. Gives `=` and the result as JSON (nothing after it for `undefined`), `!`
   * and the kind of error that it threw, or `#` where the result is larger than a host passes on.
   */
  call(method: string, args: string): Promise<string>
  /** Several calls, one a line, method and arguments apart by a space. Gives their answers, one a line. */
  calls(lines: string): Promise<string>
}

/** Builds the realm. Runs inside the isolate, before anything else does. */
export function realm(largest: number, most: number): Realm {
  const { parse, stringify } = JSON
  const { apply, ownKeys, getPrototypeOf, getOwnPropertyDescriptor, defineProperty } = Reflect
  const { freeze } = Object
  const { isArray } = Array
  // Those of core/executor.ts, once more: nothing of another file is at hand inside an isolate.
  const METHODS = ['inspect', 'undecided', 'transform', 'take', 'keep', 'respond', 'learn', 'forget', 'observe']
  const DESCRIBED = [
    'name', 'version', 'kind', 'rights', 'reads', 'on', 'stream', 'needs', 'remembers', 'onError', 'mode', 'options',
  ]
  const ERRORS = [TypeError, RangeError, SyntaxError, ReferenceError, Error]
  const names = new Map(ERRORS.map(kind => [kind, kind.name]))
  const nameOf = (error: unknown): string => {
    try {
      for (const kind of ERRORS) if (error instanceof kind) return names.get(kind) ?? 'Error'
    } catch { /* a proxy that will not be asked */ }
    return 'Error'
  }
  const sentence = (error: unknown): string => {
    try {
      return '!' + String((error as Error).message).slice(0, 500)
    } catch {
      return '!it threw something that is no error'
    }
  }

  // Memory that no limit counts, and a way to sleep.
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) Reflect.deleteProperty(globalThis, name)

  // Everything that the language brings along, collected before the processor can add anything to it.
  const intrinsics = new Set<object>()
  const collect = (root: unknown): void => {
    const open = [root]
    while (open.length > 0) {
      const value = open.pop()
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || intrinsics.has(value)) continue
      intrinsics.add(value)
      open.push(getPrototypeOf(value))
      for (const key of ownKeys(value)) {
        const property = getOwnPropertyDescriptor(value, key)
        open.push(property?.value, property?.get, property?.set)
      }
    }
  }
  collect(globalThis)
  for (const hidden of [
    [][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''[Symbol.iterator](), ''.matchAll(/./g),
    function* () {}, async function* () {}, async () => {}, new Intl.Segmenter().segment('')[Symbol.iterator](),
  ]) collect(getPrototypeOf(hidden))

  // A frozen prototype would forbid `error.name = ...` and the like on the objects that inherit from it as well; a setter
  // that defines the property on the object itself leaves ordinary code as it was.
  const soften = (prototype: object): void => {
    for (const key of ownKeys(prototype)) {
      const property = getOwnPropertyDescriptor(prototype, key)
      if (property === undefined || !('value' in property) || !property.configurable) continue
      const value: unknown = property.value
      const get = (): unknown => value
      const set = function (this: object, next: unknown): void {
        if (this === prototype) throw new TypeError('Cannot assign to a frozen object')
        defineProperty(this, key, { value: next, writable: true, enumerable: true, configurable: true })
      }
      defineProperty(prototype, key, { get: freeze(get), set: freeze(set), configurable: false })
    }
  }
  const close = (): void => {
    for (const kind of [Object, Function, Error, TypeError, RangeError, SyntaxError, ReferenceError]) soften(kind.prototype)
    for (const value of intrinsics) freeze(value)
  }

  let definition: Record<string, unknown>
  let instance: Record<string, unknown>

  const call = async (method: string, args: string): Promise<string> => {
    try {
      const result: unknown = await apply(instance[method] as () => unknown, instance, parse(args) as unknown[])
      if (isArray(result) && result.length > most) return '#'
      const text = stringify(result) as string | undefined
      if (text === undefined) return '='
      return text.length > largest ? '#' : '=' + text
    } catch (error) {
      return '!' + nameOf(error)
    }
  }

  return {
    load(exportsName) {
      try {
        const found = (globalThis as Record<string, unknown>)[exportsName] as { default?: unknown } | undefined
        Reflect.deleteProperty(globalThis, exportsName)
        close()
        const exported = found?.default
        if (typeof exported !== 'object' || exported === null) return '!its file does not export a definition by default'
        definition = exported as Record<string, unknown>
        for (const name of ['streamFor', 'sendsTo']) {
          if (definition[name] !== undefined) return `!it has ${name}, which a processor in a sandbox cannot have`
        }
        const described: Record<string, unknown> = {}
        for (const name of DESCRIBED) described[name] = definition[name]
        const text = stringify(described)
        return text.length > largest ? '!its definition is too large' : text
      } catch (error) {
        return sentence(error)
      }
    },
    async setup(options) {
      try {
        instance = await (definition as { setup(options: unknown): Promise<Record<string, unknown>> }).setup(parse(options))
        return stringify(METHODS.filter(name => typeof instance[name] === 'function'))
      } catch (error) {
        return sentence(error)
      }
    },
    call,
    async calls(lines) {
      const answers: string[] = []
      for (const line of lines.split('\n')) {
        const space = line.indexOf(' ')
        answers.push(await call(line.slice(0, space), line.slice(space + 1)))
      }
      return answers.join('\n')
    },
  }
}
