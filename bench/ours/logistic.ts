/** `logistic.ts SETUP`: fits logistic regressions, one for each penalty, whenever it is asked to. */
import { performance } from 'node:perf_hooks'
import { logisticFits, scalingOf } from '../../src/ops/probe/logisticFits'
import type { LogisticFitting, Ours } from '../linearSetup'
import { MODELS, RECIPE } from '../setup'
import { answer } from './answer'
import { readBank } from './bank'
import { memory } from './memory'
import { openOurs } from './open'

answer(async () => {
  const setup = JSON.parse(process.argv[2]!) as Ours<LogisticFitting>
  const { folder, width, classes, strengths, threads, backend } = setup
  const rows = { ...readBank(folder, 'bank'), width }
  const { interpreter, seconds: ready } = await openOurs({ ...RECIPE, model: MODELS.speck, threads, backend, variant: 'default' })
  const step = async () => {
    const began = performance.now()
    const held: { readonly dispose: () => void }[] = []
    const prepare: typeof interpreter.prepare = (f, fixed) => {
      const prepared = interpreter.prepare(f, fixed, { alone: true })
      held.push(prepared)
      return prepared
    }
    const regression = logisticFits({ prepare }, rows, classes, scalingOf(rows, false), setup)
    const starts = strengths.map((C) => ({ C, point: new Float64Array((width + 1) * classes) }))
    const fits = await regression.fit(starts, new Float32Array(rows.labels.length).fill(1))
    for (const { dispose } of held) dispose()
    const seconds = (performance.now() - began) / 1000
    return {
      seconds,
      ...Object.fromEntries(fits.map(({ C, value }) => [`value ${C}`, value])),
      ...Object.fromEntries(fits.map(({ C, iterations }) => [`iterations ${C}`, iterations])),
    }
  }
  return { ready: { ready }, commands: { step, memory } }
})
