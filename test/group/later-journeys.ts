import { runGroup } from '../group.ts'

await runGroup('later-journeys')
