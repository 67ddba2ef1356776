// Processors as an author would write them, in files of their own, with the kit's gateway around them. Used by the tests
// beside it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openRig, type Rig } from '../../../core/conformance/rig.ts'
import { Subject } from '../../../core/conformance/subject.ts'
import { loadProcessor } from '../../../core/registry.ts'
import type { ProcessorDefinition } from '../../../sdk/index.ts'

/** Parts of a detector that differ between the cases. */
export interface Written {
  /** Body of `inspect(segments)`; `find(pattern)` gives the findings of a pattern in all of them. */
  readonly inspect: string
  readonly undecided?: string
  readonly stream?: string
  readonly rights?: string
  /** Lines beside the detector. */
  readonly more?: string
}

/** The source of a detector that looks for `pattern` where nothing else is said. */
export function detector({ inspect, undecided, stream = '{ maxMatch: 8 }', rights = "['annotate', 'edit', 'block']", more = '' }: Written): string {
  return `
    import { defineProcessor } from 'gatehouse/sdk'
    ${more}
    export default defineProcessor({
      name: 'written', kind: 'detector', rights: ${rights}, stream: ${stream},
      reads: { channels: ['text', 'tool_args', 'reasoning', 'refusal'] },
      setup: () => ({
        inspect(segments) {
          const find = pattern => segments.flatMap(({ id, text }) => [...text.matchAll(pattern)]
            .map(({ index, 0: found }) => ({ segment: id, start: index, end: index + found.length, type: 'word' })))
          ${inspect}
        },
        ${undecided === undefined ? '' : `undecided(text) { ${undecided} },`}
      }),
    })`
}

/** Writes a processor's file, which goes with the test; resolves with its absolute path. */
export async function processorFile(t: TestContext, source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'written.ts')
  await writeFile(file, source)
  return file
}

/** A processor and a gateway around it, which closes with the test. */
export async function openRigOf(t: TestContext, source: string): Promise<{ definition: ProcessorDefinition; rig: Rig }> {
  const file = await processorFile(t, source)
  const definition = await loadProcessor(file)
  const rig = await openRig(file, definition, {})
  t.after(() => rig.close())
  return { definition, rig }
}

/** The same as the checks take it. */
export async function openSubject(t: TestContext, source: string, samples: readonly string[] = []): Promise<Subject> {
  const { definition, rig } = await openRigOf(t, source)
  return new Subject(definition, samples, rig, await definition.setup({}))
}
