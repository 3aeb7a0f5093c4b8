/** The paper's recipes: their values are the official ones. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { OFFICIAL } from '../../bench/officialArguments'
import { type Plan, pipeline } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { opName } from '../../src/dsl/type'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { FINE_TUNINGS } from './officialFineTuning'
import { stagesOf } from './officialStages'

const PIPELINES = join(__dirname, '..', '..', 'pipelines')

const textOf = (name: string): string => readFileSync(join(PIPELINES, `${name}.yaml`), 'utf8')
const stagesIn = (name: string) => {
  const read = readPlan(registry, `${name}.yaml`, textOf(name), [], crossCheck(registry))
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right.plan.pipeline
}

/** What the official arguments say nothing of, or is a matter of the machine. */
const OWN = ['dataset', 'initialWeights', 'checkpoint', 'knn', 'classification']

const planned = (stages: readonly unknown[]) => stages.map((stage) => (stage as (plan: Plan) => Plan)(pipeline('a')).pipeline[0])

test.each(Object.entries(OFFICIAL))('%s has the values of the official arguments', (name, given) => {
  expect(stagesIn(name).filter((stage) => !OWN.includes(opName(stage)))).toEqual(planned(stagesOf(given)))
})

test.each(FINE_TUNINGS)('%s has the values of the official arguments', (name, stages) => {
  expect(stagesIn(name).filter((stage) => !OWN.includes(opName(stage)))).toEqual(planned(stages))
})

test('every fine-tuning of pipelines/eval is among them', () => {
  const shipped = readdirSync(join(PIPELINES, 'eval'))
    .map((file) => `eval/${file.replace('.yaml', '')}`)
    // A small one of our own.
    .filter((name) => !name.includes('fashion-mnist'))
  expect(FINE_TUNINGS.map(([name]) => name).sort()).toEqual(shipped.sort())
})

test.each([...Object.keys(OFFICIAL), ...FINE_TUNINGS.map(([name]) => name), 'pixel-regression'])(
  '%s is told in 40 lines at most',
  (name) => {
    expect(textOf(name).trimEnd().split('\n').length).toBeLessThanOrEqual(40)
  },
)
