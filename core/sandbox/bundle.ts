// A processor's file becomes one script that needs nothing else: what a sandbox runs. Called by executors.ts when a
// config names a file that is not trusted. Nothing of the file is run here; that is the sandbox's part.
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, extname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type OnResolveArgs, type OnResolveResult, type Plugin, type PluginBuild } from 'esbuild'
import { EXPORTS } from './limits.ts'

const EXTENSION = extname(import.meta.url)
const SDK = fileURLToPath(new URL(`../../sdk/index${EXTENSION}`, import.meta.url))
/** What packages expect of their surroundings, and an isolate has not. */
const WEB = fileURLToPath(new URL(`./utf-8${EXTENSION}`, import.meta.url))
const LARGEST = 5 * 2 ** 20

/** What makes the text of a bundle the same everywhere. */
const LOOK = {
  platform: 'neutral', mainFields: ['module', 'main'], target: 'es2024', charset: 'utf8', legalComments: 'none', tsconfigRaw: '{}',
  logLevel: 'silent',
} as const satisfies BuildOptions

/** A processor as one script. */
export interface Bundle {
  /** A script that sets one global variable. Names no place on this machine, so the same sources give the same text everywhere. */
  readonly code: string
  /** SHA-256 of `code`, in hexadecimal digits. */
  readonly sha256: string
}

/** Whose code it is: only that of the house may import packages, which are then ours to answer for. */
export type Origin = 'house' | 'stranger'

/**
 * One script made of a processor's file, in TypeScript or JavaScript, of the files that it imports from its own folder,
 * of `gatehouse/sdk` and, where it is of the house, of packages. Rejects with a sentence for any other import, for source
 * that does not parse, and for a result of more than 5 MB.
 */
export async function bundle(file: string, origin: Origin = 'stranger'): Promise<Bundle> {
  const entry = await realpath(file)
  const problems: string[] = []
  const output = await build({
    entryPoints: [entry], absWorkingDir: dirname(entry), plugins: [borders(dirname(entry), origin, problems)],
    bundle: true, write: false, format: 'iife', globalName: EXPORTS, inject: origin === 'house' ? [WEB] : [], ...LOOK,
    minifyWhitespace: true, banner: { js: '"use strict";' },
  }).catch((error: unknown) => { throw new Error(problems[0] ?? problemOf(error, file)) })
  const code = output.outputFiles[0]!.text
  if (code.length > LARGEST) throw new Error(`${file} makes a script of more than ${LARGEST / 2 ** 20} MB.`)
  return { code, sha256: createHash('sha256').update(code).digest('hex') }
}

const RULES: Readonly<Record<Origin, string>> = {
  stranger: 'a sandboxed processor may import only "gatehouse/sdk" and files of its own folder.',
  house: 'there is no Node in a sandbox: run it inline or in a pool.',
}

/** Lets imports resolve to the SDK and to the processor's folder, those of the house to packages too, and to nothing else. */
function borders(folder: string, origin: Origin, problems: string[]): Plugin {
  const refuse = (args: OnResolveArgs): OnResolveResult => {
    const text = `${relative(folder, args.importer)} imports ${JSON.stringify(args.path)}, but ${RULES[origin]}`
    problems.push(text)
    return { errors: [{ text }] }
  }
  async function step(bundler: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> {
    if (args.kind === 'entry-point' || args.pluginData === 'asked') return undefined
    if (args.path === 'gatehouse/sdk') return { path: args.path, namespace: 'sdk', sideEffects: false }
    if (origin === 'house') return isBuiltin(args.path) ? refuse(args) : undefined
    if (!/^\.\.?\//.test(args.path)) return refuse(args)
    const { kind, resolveDir, importer } = args
    const { errors, path } = await bundler.resolve(args.path, { kind, resolveDir, importer, pluginData: 'asked' })
    if (errors.length > 0) return { errors }
    return isInside(folder, path) ? { path } : refuse(args)
  }
  return {
    name: 'borders',
    setup(bundler) {
      bundler.onResolve({ filter: /.*/ }, args => step(bundler, args))
      bundler.onLoad({ filter: /.*/, namespace: 'sdk' }, async () => ({ contents: await sdk(), loader: 'js' }))
    },
  }
}

/** The SDK and what it stands on, as one module. */
async function sdk(): Promise<string> {
  // TypeBox makes a TextEncoder on loading, for something that the SDK does not offer, and an isolate has none. Making a Map
  // is known to be without effect, so that esbuild leaves it out.
  const define = { TextEncoder: 'Map' }
  const output = await build({ entryPoints: [SDK], bundle: true, write: false, format: 'esm', ...LOOK, define })
  return output.outputFiles[0]!.text
}

function isInside(folder: string, path: string): boolean {
  return resolve(path).startsWith(folder + sep) && !relative(folder, path).split(sep).includes('node_modules')
}

function problemOf(error: unknown, file: string): string {
  const first = (error as { errors?: readonly { text: string, location: { file: string, line: number } | null }[] }).errors?.[0]
  if (first === undefined) return `${file} cannot be bundled.`
  const place = first.location === null ? file : `${first.location.file}:${first.location.line}`
  return `${place} cannot be bundled: ${first.text}`
}
