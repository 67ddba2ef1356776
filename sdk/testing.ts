// `gatehouse/sdk/testing`: the conformance kit, for the tests of whoever writes a processor. The one file of the sdk that
// reaches into the machine, since it starts a whole gateway around the processor; the kit itself is core/conformance/.
export { testProcessor, type Given, type Result } from '../core/conformance/kit.ts'
export { printable } from '../core/conformance/table.ts'
export type { Row } from '../core/conformance/tally.ts'
