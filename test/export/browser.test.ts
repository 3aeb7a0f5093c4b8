/** An exported graph model in a browser, without a window. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { expect, onTestFinished, test } from 'vitest'
import { compute } from '../../src/evaluate/compute'
import { readModel } from '../../src/evaluate/readModel'
import { compared, sampleImages } from '../../src/export/parity'
import { registry } from '../../src/ops/registry'
import { openBrowser } from '../browser'
import { testEngine, withoutTensorFlow } from '../engine'
import { done, runWith } from './folder'

const TFJS = join(dirname(require.resolve('@tensorflow/tfjs/package.json')), 'dist', 'tf.min.js')
const PAGE = '<!doctype html><script src="/tf.min.js"></script>'

/** Serves an empty page with tfjs, and the files of a folder. */
const served = async (folder: string): Promise<Server> => {
  const server = createServer(({ url }, response) => {
    if (url === '/') response.setHeader('content-type', 'text/html').end(PAGE)
    else if (url === '/tf.min.js') response.end(readFileSync(TFJS))
    else {
      const path = join(folder, basename(url!))
      if (existsSync(path)) response.end(readFileSync(path))
      else response.writeHead(404).end()
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}

interface Found {
  readonly values: readonly number[]
  readonly shape: readonly number[]
}

/** Runs in the page, which knows no name of this file. */
const predict = async ([values, shape]: readonly [readonly number[], readonly number[]]): Promise<Record<string, Found>> => {
  const { tf } = globalThis as unknown as { readonly tf: typeof import('@tensorflow/tfjs') }
  await tf.setBackend('cpu')
  const model = await tf.loadGraphModel('/model.json')
  const outputs = model.predict(tf.tensor([...values], [...shape])) as unknown as Record<
    string,
    import('@tensorflow/tfjs').Tensor
  >
  const found: Record<string, Found> = {}
  for (const name of Object.keys(outputs))
    found[name] = { values: Array.from(outputs[name]!.dataSync()), shape: outputs[name]!.shape }
  return found
}

test.skipIf(withoutTensorFlow !== undefined)(
  'a graph model runs in a browser and computes what the network computes',
  async ({ skip }) => {
    const browser = await openBrowser('the graph model is not run in a browser')
    if (browser === undefined) return skip('no browser starts here')
    onTestFinished(() => browser.close())
    const run = await runWith()
    const { path } = await done(run, 'tfjs', { withHead: true })
    const model = await readModel(registry, run, { network: 'teacher', withHead: true })()
    if (E.isLeft(model)) throw new Error(JSON.stringify(model.left))
    const images = sampleImages(model.right, 2)
    const server = await served(path)
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      const found = await page.evaluate(predict, [Array.from(images.values), images.shape] as const)
      const outputs = Object.fromEntries(
        Object.entries(found).map(([name, { values, shape }]) => [name, { values: Float32Array.from(values), shape }]),
      )
      const reference = await compute(await testEngine('cpu'), model.right, model.right.weights, images)
      expect(Object.keys(outputs)).toEqual(Object.keys(reference))
      const worst = compared(outputs, reference)
      expect(E.isRight(worst) && worst.right).toBeLessThan(1e-5)
    } finally {
      server.close()
    }
  },
)
