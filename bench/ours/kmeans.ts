/** `kmeans.ts SETUP`: clusters all points whenever it is asked to, from features in memory to clusters. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { random } from '../../src/base/random'
import { kMeans } from '../../src/metric/kMeans'
import { pointsOf } from '../../src/ops/probe/points'
import type { KMeansSetup } from '../knnSetup'
import { answer } from './answer'
import { memory } from './memory'
import { engineOf } from './open'

answer(async () => {
  const { folder, width, clusters: k, starts, threads, backend } = JSON.parse(process.argv[2]!) as KMeansSetup
  const values = new Float32Array(new Uint8Array(readFileSync(join(folder, 'bank.f32'))).buffer)
  const began = performance.now()
  const engine = await engineOf({ threads, backend, precision: 'float32' })
  const ready = (performance.now() - began) / 1000
  let seed = 0
  const step = async () => {
    const began = performance.now()
    const held: { readonly dispose: () => void }[] = []
    const points = pointsOf({ values, width }, false, {
      prepare: (f, fixed) => {
        const prepared = engine.prepare(f, fixed)
        held.push(prepared)
        return prepared
      },
    })
    seed++
    const draws = (start: number) => random('kmeans', seed, start)
    const { inertia, rounds } = await kMeans(points, { k, starts, rounds: 300, tolerance: 1e-4, draws })
    for (const { dispose } of held) dispose()
    return { seconds: (performance.now() - began) / 1000, inertia, rounds }
  }
  return { ready: { ready }, commands: { step, memory } }
})
