// fast-check, for the laws of every test. Its cases are the same in every run, so that a red one is about the change that was
// made; `SEED=random` draws others, any number repeats a run. Imported in place of the package.
import { randomInt } from 'node:crypto'
import * as fc from 'fast-check'

const { SEED = '7' } = process.env
fc.configureGlobal({ seed: SEED === 'random' ? randomInt(2 ** 31) : Number(SEED) })

export { fc }
