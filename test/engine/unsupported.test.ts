/** Stages whose ops tfjs has, but the backend hasn't: they are told with their places, as mistakes in a pipeline are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCode } from '../../src/base/failure'
import { failureText } from '../../src/cli/failureText'
import { readPipeline } from '../../src/cli/pipeline'
import { located } from '../../src/dsl/located'
import type { Backend } from '../../src/engine/backends'
import { registryWith } from '../../src/ops/registry'
import { runDesign } from '../../src/run/runDesign'
import { withoutTensorFlow } from '../engine'
import { ownOps } from '../run/ownOps'

const ops = registryWith(Object.values(ownOps).map(({ spec }) => spec))

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-unfit-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const yaml = (loss: string): string => `name: own
pipeline:
  - dataset: { shapes: { count: 8, size: 8 } }
  - views: { global: [{ times: 2, augment: { randomResizedCrop: { size: 8 } } }] }
  - vit: { patch: 4, width: 8, depth: 1, heads: 2 }
  - projectionHead: { output: { shared: { prototypes: 6 } }, hidden: 8, bottleneck: 4 }
  - emaTeacher
  - ${loss}
  - adamw: { lr: 1e-3 }
  - train: { batch: 4, steps: 1 }
`

/** What `ibot run` ends with, in words. */
const ending = async (loss: string, backend: Backend): Promise<string> => {
  const file = join(root, `${loss}.yaml`)
  writeFileSync(file, yaml(loss))
  const result = await pipe(
    TE.fromEither(ops),
    TE.chain((registry) => readPipeline(registry, file)),
    TE.chain(({ design, document }) =>
      pipe(runDesign(design, { backend, download: false, out: mkdtempSync(join(root, 'run-')) }), TE.mapLeft(located(document))),
    ),
  )()
  return E.isRight(result)
    ? 'done'
    : `${exitCode(result.left)} ${failureText(result.left)}`.replaceAll(`${root}/`, '').replace(/(allowed values:) .*/, '$1 …')
}

const told = (loss: string, message: string, suggestion: string): string => `2 ${loss}.yaml:8:5  '${loss}' ${message}
  7 |   - emaTeacher
  8 |   - ${loss}
    |     ${'^'.repeat(loss.length)}
  ${suggestion}

1 problem`
const VALUE = 'asks for the value of a tensor (dataSync, arraySync, data, …), and there is none while the step is compiled'
const TENSORS = "keep values in tensors: tf.where, tf.maximum, …, or compute with '--backend wasm'"
const OTHERS = "write it with other tfjs ops, or compute with '--backend wasm'"

test.skipIf(withoutTensorFlow !== undefined).each([
  ['readsBack', VALUE, TENSORS],
  ['promises', VALUE, TENSORS],
  ['searches', "uses the tfjs op SearchSorted, which can't be compiled", OTHERS],
  ['misshapen', "can't be compiled: Relu: it takes numbers, and is given bool", OTHERS],
])('%s does not fit TensorFlow, and is told with its place', async (loss, message, suggestion) => {
  expect(await ending(loss, 'tensorflow')).toBe(told(loss, message, suggestion))
})

test.each(['readsBack', 'promises', 'searches'])('%s runs on WebAssembly', async (loss) => {
  expect(await ending(loss, 'wasm')).toBe('done')
})

test('an op that WebAssembly lacks is told in the same way', async () => {
  const kernel = tf.getKernel('SearchSorted', 'wasm')!
  tf.unregisterKernel('SearchSorted', 'wasm')
  try {
    expect(await ending('searches', 'wasm')).toBe(
      told(
        'searches',
        "uses the tfjs op SearchSorted, which the wasm backend doesn't have",
        "write it with other tfjs ops, or compute with '--backend cpu'",
      ),
    )
  } finally {
    tf.registerKernel(kernel)
  }
})
