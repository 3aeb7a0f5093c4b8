/** Every shipped pipeline is well-formed, says what it is, and means the same in YAML and in TypeScript. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Ajv from 'ajv'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { toYaml } from '../../src/dsl/print'
import { readPlan } from '../../src/dsl/read'
import { jsonSchema } from '../../src/dsl/schema'
import { toTypeScript } from '../../src/dsl/typescript'
import * as ibot from '../../src/index'
import { registry } from '../../src/ops/registry'
import { crossCheck } from '../../src/program/crossCheck'
import { designOf } from '../../src/program/design'
import { programOf } from '../../src/program/program'
import { spanOf } from '../../src/program/span'
import { evaluateModule } from '../dsl/evaluate'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor } from '../program/small'
import { stale } from '../stale'

const FOLDER = join(__dirname, '..', '..', 'pipelines')
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
/** The data that the pipelines of grey pictures are made for; others take colours. */
const GREY: readonly string[] = [
  'eval/fine-tuning-fashion-mnist.yaml',
  'eval/linear-fashion-mnist.yaml',
  'fashion-mnist-official.yaml',
  'mnist.yaml',
  'fashion-mnist.yaml',
]
const dataOf = (file: string) => ({ count: 60_000, channels: GREY.includes(file) ? 1 : 3 }) as const

const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
const planOf = (file: string) => {
  const read = readPlan(registry, file, textOf(file), [], crossCheck(registry))
  if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
  return read.right.plan
}

test('there are pipelines', () => {
  expect(files).toContain('quickstart.yaml')
  expect(files).toContain('mnist.yaml')
})

test.each(files)('%s is well-formed, for this program and for editors', (file) => {
  expect(planOf(file).name).toBe(basename(file, '.yaml'))
  const validate = new Ajv({ strict: false }).compile(jsonSchema(registry) as object)
  expect({ valid: validate(parse(textOf(file))), errors: validate.errors }).toEqual({ valid: true, errors: null })
})

test.each(files)('%s makes a program without a tensor being made', (file) => {
  const design = designOf(registry, planOf(file))
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  const span = spanOf(design.right, dataOf(file))
  if (E.isLeft(span)) throw new Error(JSON.stringify(span.left))
  const program = programOf(design.right, span.right, dataOf(file).channels)
  expect(program.trainable.length).toBeGreaterThan(30)
})

// The others are made small first: see recipes.test.ts.
test.skipIf(withoutTensorFlow !== undefined).each(GREY)('%s compiles into a TensorFlow graph and takes a step', async (file) => {
  const design = designOf(registry, planOf(file))
  if (E.isLeft(design)) throw new Error(JSON.stringify(design.left))
  const span = spanOf(design.right, dataOf(file))
  if (E.isLeft(span)) throw new Error(JSON.stringify(span.left))
  const program = programOf(design.right, span.right, dataOf(file).channels)
  const interpreter = await (await testEngine('tensorflow')).open(program, program.init(0))
  const metrics = await interpreter.step(batchFor(program, file), program.numbers(0))
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true)
  interpreter.dispose()
})

test.each(files)('%s is the same when printed and read again, in YAML and in TypeScript', (file) => {
  const plan = planOf(file)
  const again = readPlan(registry, file, toYaml(plan))
  expect(E.isRight(again) && again.right.plan).toEqual(plan)
  expect(evaluateModule(toTypeScript(registry, plan), ibot)).toEqual(plan)
})

test.each(files)('%s names the schema, its source, what to expect, its cost and its command', (file) => {
  const [first, ...header] = textOf(file).split('name:')[0]!.split('\n')
  expect(first).toBe(`# yaml-language-server: $schema=${file.includes('/') ? '../' : './'}schema.json`)
  for (const entry of ['Source', 'Expected', 'Cost', 'Command'])
    expect(header.join('\n')).toMatch(new RegExp(`^# ${entry} `, 'm'))
  expect(header.join('\n')).toMatch(new RegExp(`npx ibot (run|sweep) pipelines/${file.replaceAll('.', '\\.')}`))
})

test('pipelines/schema.json is up to date', () => {
  const schema = JSON.parse(readFileSync(join(FOLDER, 'schema.json'), 'utf8'))
  expect(schema, stale('pipelines/schema.json')).toEqual(jsonSchema(registry))
})
