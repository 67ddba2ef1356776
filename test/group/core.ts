import { runGroup } from '../group.ts'

await runGroup('core')
