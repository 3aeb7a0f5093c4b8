/** `knn.ts SETUP`: classifies all queries by their neighbours whenever it is asked to, from features in memory to accuracies. */
import { performance } from 'node:perf_hooks'
import { classify } from '../../src/metric/knn'
import { plainRows } from '../../src/metric/neighbours'
import type { KnnSetup } from '../knnSetup'
import { MODELS, RECIPE } from '../setup'
import { answer } from './answer'
import { readBank } from './bank'
import { memory } from './memory'
import { openOurs } from './open'

answer(async () => {
  const { folder, width, k, temperature, threads, backend } = JSON.parse(process.argv[2]!) as KnnSetup
  const read = (name: 'bank' | 'queries') => {
    const { values, labels } = readBank(folder, name)
    return { ...plainRows(values, width), labels }
  }
  const [bank, queries] = [read('bank'), read('queries')]
  // Any program does: products of rows are the interpreter's own.
  const { interpreter, seconds: ready } = await openOurs({ ...RECIPE, model: MODELS.speck, threads, backend, variant: 'default' })
  const step = async () => {
    const began = performance.now()
    const { nearest, dispose } = interpreter.neighbours(width)
    const [score] = await classify(bank, queries, { neighbours: [k], temperature, nearest })
    dispose()
    const { top1, top5 } = score!
    return { seconds: (performance.now() - began) / 1000, top1, top5 }
  }
  return { ready: { ready }, commands: { step, memory } }
})
