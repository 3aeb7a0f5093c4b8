/** `linear.ts SETUP`: trains the classifiers of a linear probe for an epoch whenever it is asked to. */
import { performance } from 'node:perf_hooks'
import { permutation } from '../../src/base/random'
import { cosineRate } from '../../src/ops/probe/linearSweep'
import { linearTrainer } from '../../src/ops/probe/linearTrainer'
import type { LinearFitting, Ours } from '../linearSetup'
import { MODELS, RECIPE } from '../setup'
import { answer } from './answer'
import { readBank } from './bank'
import { memory } from './memory'
import { openOurs } from './open'

answer(async () => {
  const { folder, width, classes, rates, batch, epochs, threads, backend } = JSON.parse(process.argv[2]!) as Ours<LinearFitting>
  const [train, test] = [
    { ...readBank(folder, 'bank'), width },
    { ...readBank(folder, 'queries'), width },
  ]
  // Any program does: functions of tensors are the interpreter's own.
  const { interpreter, seconds: ready } = await openOurs({ ...RECIPE, model: MODELS.speck, threads, backend, variant: 'default' })
  const columns = rates.length * classes
  const begin = { weights: new Float32Array(width * columns), bias: new Float32Array(columns) }
  const trainer = linearTrainer(
    { prepare: (f) => interpreter.prepare(f, {}, { alone: true }) },
    [{ from: 0, to: width, count: rates.length }],
    classes,
    [begin],
  )
  let epoch = 0
  const step = async () => {
    const began = performance.now()
    const order = permutation(train.labels.length, 0, 'bench', epoch)
    await trainer.epoch(train, order, batch, [Float32Array.from(rates, (rate) => cosineRate(rate, batch, epoch, epochs))])
    epoch++
    return { seconds: (performance.now() - began) / 1000 }
  }
  const accuracy = async () => {
    const [scores] = await trainer.scores(test)
    return { accuracy: 100 * Math.max(...scores!.map(({ top1 }) => top1)) }
  }
  return { ready: { ready }, commands: { step, accuracy, memory } }
})
