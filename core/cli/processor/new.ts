// `gatehouse processor new`: a processor that works, and its test, for its author to go on from. What is written stands in
// template/, where it is checked and tested as the rest of the house.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Command } from '../../cli.ts'

const TEMPLATE = join(import.meta.dirname, 'template')
/** What the processor of the template is called, in its text and in the names of its files. */
const ITS_NAME = 'new-processor'
const NAME = /^[a-z][a-z0-9-]{0,63}$/
const USAGE_ERROR = 2

/** The command. */
export const create: Command = {
  summary: 'Writes a processor that works, and its test.',
  usage: 'processor new NAME [--dir DIR]',
  help: `
  NAME        What it is called: 1 to 64 lower-case letters, digits and dashes, a
              letter first. Writes NAME.ts and NAME.test.ts.
  --dir DIR   Where to; made where it is missing. Default: the current folder.

Both are yours to change. Nothing is ever overwritten. Exit code 0 where both were
written, 2 where they were not.`,
  options: { dir: { type: 'string' } },
  operands: ['NAME'],
  async run({ options, operands: [name = ''] }, print) {
    try {
      if (!NAME.test(name)) {
        throw new Error('expected NAME to be 1 to 64 lower-case letters, digits and dashes, a letter first; '
          + `got ${JSON.stringify(name)}`)
      }
      const folder = resolve(String(options['dir'] ?? ''))
      const files = [`${name}.ts`, `${name}.test.ts`]
      const taken = files.filter(file => existsSync(join(folder, file)))
      if (taken.length > 0) throw new Error(`${taken.join(' and ')} would be overwritten; choose another name, or another --dir`)
      await mkdir(folder, { recursive: true })
      for (const file of files) {
        const text = await readFile(join(TEMPLATE, file.replace(name, ITS_NAME)), 'utf8')
        await writeFile(join(folder, file), text.replaceAll(ITS_NAME, name), { flag: 'wx' })
      }
      print.out(whatNext(name, relative('', folder)))
      return 0
    } catch (error) {
      print.err(`gatehouse: ${(error as Error).message}`)
      return USAGE_ERROR
    }
  },
}

function whatNext(name: string, folder: string): string {
  return [
    `Wrote ${join(folder, `${name}.ts`)} and ${join(folder, `${name}.test.ts`)}. Make it yours, then:`,
    '',
    ...folder === '' ? [] : [`  cd ${folder}`],
    `  npx node --test ${name}.test.ts`,
    `  npx gatehouse processor test ./${name}.ts --options '{"words":["Blue Heron"]}'`,
    '  npx gatehouse check gateway.yaml',
    '',
    'for a config with it as a step of a chain:',
    '',
    `  - { use: ./${name}.ts, options: { words: [Blue Heron] } }`,
  ].join('\n')
}
