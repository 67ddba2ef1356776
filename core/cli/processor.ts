// `gatehouse processor`: what an author of processors needs. Its commands are in core/cli/processor/, one file each.
import type { CommandGroup } from '../cli.ts'
import { create } from './processor/new.ts'
import { test } from './processor/test.ts'

/** The commands. */
export const processor: CommandGroup = {
  summary: 'Writes the first lines of a processor, and tests whole ones.',
  commands: { new: create, test },
}
