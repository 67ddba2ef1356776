// Name -> member. The one place that knows the folders of the house: a new member is a new file, nothing else. Only
// names that the config uses are ever loaded.
import { existsSync, readdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { extname, isAbsolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type {
  CounterDefinition, Dialect, EmbedderDefinition, EmbeddingTranslation, IndexDefinition, LedgerDefinition, PluginDefinition, ProcessorDefinition, ProviderDefinition,
  Translation,
} from '../sdk/index.ts'
import { suggest } from '../config/suggest.ts'

/** Members are TypeScript in the repository and JavaScript in the published package. */
const EXTENSION = extname(import.meta.url)
const NAME = /^[a-z][a-z0-9-]{0,63}$/

/** A plugin by name; `family` is a folder of plugins/, as `api` or `auth`. */
export function loadPlugin(name: string, family = ''): Promise<PluginDefinition> {
  return load<PluginDefinition>(family === '' ? 'plugin' : `${family} plugin`, `../plugins/${family === '' ? '' : `${family}/`}`, name)
}

/** A provider by the `use:` of its config entry. */
export function loadProvider(name: string): Promise<ProviderDefinition> {
  return load<ProviderDefinition>('provider', '../plugins/provider/', name)
}

/** A ledger by the `use:` of its config. */
export function loadLedger(name: string): Promise<LedgerDefinition> {
  return load<LedgerDefinition>('ledger', '../plugins/ledger/', name)
}

/** A counter by the `use:` of its config. */
export function loadCounter(name: string): Promise<CounterDefinition> {
  return load<CounterDefinition>('counter', '../plugins/counter/', name)
}

/** An embedder by the `use:` of a processor's options. */
export function loadEmbedder(name: string): Promise<EmbedderDefinition> {
  return load<EmbedderDefinition>('embedder', '../plugins/embedder/', name)
}

/** An index by the `use:` of a processor's options. */
export function loadIndex(name: string): Promise<IndexDefinition> {
  return load<IndexDefinition>('index', '../plugins/index/', name)
}

/** A dialect by name. */
export function loadDialect(name: string): Promise<Dialect> {
  return load<Dialect>('dialect', './dialect/', name)
}

/** Names of every dialect that clients may speak. */
export function dialectNames(): string[] {
  return namesIn('./dialect/')
}

/** The translation of a dialect. */
export function loadTranslation(name: string): Promise<Translation> {
  return load<Translation>('translation', './translation/', name)
}

/** Names of every dialect that can be translated. */
export function translationNames(): string[] {
  return namesIn('./translation/')
}

/** A format of embeddings. */
export function loadEmbedding(name: string): Promise<EmbeddingTranslation> {
  return load<EmbeddingTranslation>('format of embeddings', './embedding/', name)
}

/** Names of every format of embeddings. */
export function embeddingNames(): string[] {
  return namesIn('./embedding/')
}

/** A processor by name, or by the absolute path of a file that the operator trusts. */
export async function loadProcessor(use: string): Promise<ProcessorDefinition> {
  if (!isAbsolute(use)) return load<ProcessorDefinition>('processor', '../processors/', use)
  const module = await import(pathToFileURL(use).href) as { default?: ProcessorDefinition }
  if (typeof module.default?.setup !== 'function') throw new Error('expected the file to export a processor by default (defineProcessor)')
  return module.default
}

/** The file of a shipped processor. */
export function fileOfProcessor(name: string): string {
  return fileURLToPath(known('processor', '../processors/', name))
}

async function load<T>(what: string, folder: string, name: string): Promise<T> {
  const module = await import(known(what, folder, name).href) as { default: T }
  return module.default
}

function known(what: string, folder: string, name: string): URL {
  const file = new URL(`${folder}${name}${EXTENSION}`, import.meta.url)
  if (NAME.test(name) && existsSync(file)) return file
  const names = namesIn(folder)
  const close = suggest(name, names)
  throw new Error(`expected a ${what} (${names.join(', ')})${close === undefined ? '' : `, as "${close}"`}`)
}

function namesIn(folder: string): string[] {
  return readdirSync(fileURLToPath(new URL(folder, import.meta.url)), { withFileTypes: true })
    .filter(entry => entry.isFile() && extname(entry.name) === EXTENSION)
    .map(entry => entry.name.slice(0, -EXTENSION.length))
    .toSorted()
}

// A processor file may stand anywhere on disk; wherever it is, `gatehouse/sdk` means the sdk of the house that runs it.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'gatehouse/sdk') return next(specifier, context)
    return { url: new URL(`../sdk/index${EXTENSION}`, import.meta.url).href, shortCircuit: true }
  },
})
