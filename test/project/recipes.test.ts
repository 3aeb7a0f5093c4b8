/** The paper's recipes: their values are the official ones. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { OFFICIAL } from '../../bench/officialArguments'
import { type Plan, pipeline } from '../../src/dsl/plan'
import { readPlan } from '../../src/dsl/read'
import { opName } from '../../src/dsl/type'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { stagesOf } from './officialStages'

const textOf = (name: string): string => readFileSync(join(__dirname, '..', '..', 'pipelines', `${name}.yaml`), 'utf8')
const stagesIn = (name: string) => {
  const read = readPlan(registry, `${name}.yaml`, textOf(name), [], crossCheck(registry))
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right.plan.pipeline
}

/** What the official arguments say nothing of, or is a matter of the machine. */
const OWN = ['dataset', 'checkpoint', 'knn']

test.each(Object.entries(OFFICIAL))('%s has the values of the official arguments', (name, given) => {
  const expected = stagesOf(given).map((stage) => (stage as (plan: Plan) => Plan)(pipeline('a')).pipeline[0])
  expect(stagesIn(name).filter((stage) => !OWN.includes(opName(stage)))).toEqual(expected)
})

test.each([...Object.keys(OFFICIAL), 'pixel-regression'])('%s is told in 40 lines at most', (name) => {
  expect(textOf(name).trimEnd().split('\n').length).toBeLessThanOrEqual(40)
})
