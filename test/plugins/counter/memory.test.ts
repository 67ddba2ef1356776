import memory from '../../../plugins/counter/memory.ts'
import { keepsTheContract } from './contract.ts'

keepsTheContract(async () => {
  const counter = await memory.open({ directory: '', options: {} })
  return [counter, counter]
})
