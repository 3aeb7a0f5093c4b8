/** What is told of a step, from what it took and what it reported. */
import { expect, test } from 'vitest'
import { metricsLine, nonFiniteIn, stepReport } from '../../src/run/stepReport'

const program = { terms: ['a.loss', 'b.loss'], schedules: ['adamw.lr', 'a.weight'] }
const metrics = { loss: 3, 'a.loss': 1, 'b.loss': 2, 'a.entropy': 0.5, 'b.agreement': Number.NaN, gradientNorm: 4 }

test('losses, monitors and schedules apart; in its line all beside each other, and no other number', () => {
  const report = stepReport(program, {
    done: 6,
    stepsPerEpoch: 3,
    numbers: { 'adamw.lr': 0.1, 'a.weight': 1, 'adamw.last.moving': 1 },
    metrics,
    monitors: { dataWait: 0.25 },
  })
  expect(report).toEqual({
    step: 6,
    epoch: 1,
    loss: 3,
    terms: { 'a.loss': 1, 'b.loss': 2 },
    monitors: { 'a.entropy': 0.5, gradientNorm: 4, dataWait: 0.25 },
    numbers: { 'adamw.lr': 0.1, 'a.weight': 1 },
  })
  expect(metricsLine(report, 7)).toEqual({
    ...{ step: 6, epoch: 1, loss: 3, 'a.loss': 1, 'b.loss': 2, 'a.entropy': 0.5, gradientNorm: 4, dataWait: 0.25 },
    ...{ 'adamw.lr': 0.1, 'a.weight': 1, seconds: 7 },
  })
})

test('a step is non-finite by its losses or its gradients, not by a monitor', () => {
  expect(nonFiniteIn(program, metrics)).toBeUndefined()
  expect(nonFiniteIn(program, { loss: 3, 'a.loss': 1, 'b.loss': 2 })).toBeUndefined()
  expect(nonFiniteIn(program, { ...metrics, loss: Number.NaN, 'b.loss': Number.POSITIVE_INFINITY })).toEqual({
    loss: Number.NaN,
    'b.loss': Number.POSITIVE_INFINITY,
  })
  expect(nonFiniteIn(program, { ...metrics, gradientNorm: Number.POSITIVE_INFINITY })).toEqual({
    gradientNorm: Number.POSITIVE_INFINITY,
  })
})
