/** fashion-mnist.yaml on a part of its pictures, for some hundred steps, with k-NN before and after. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waited } from '../waited'
import { clothes } from './clothes'
import { ran } from './runs'
import type { Try } from './try'

const [STEPS, FEW] = [600, 40]

export const fashionMnist: Try = {
  name: 'fashion-mnist',
  doc: 'pipelines/fashion-mnist.yaml on 10,000 pictures, 600 steps, with k-NN',
  limit: 90,
  run: async (context, tell) => {
    const { kit, small } = context
    const sources = [`dataset=${clothes(kit, 'train')}`, `knn.test=${clothes(kit, 'test')}`]
    const { run, summary } = await ran(context, 'fashion-mnist', join(kit, 'pipelines', 'fashion-mnist.yaml'), [
      ...sources,
      `train.steps=${small ? FEW : STEPS}`,
    ])
    const { steps, seconds, imagesPerSecond, loss, probes, alarms } = summary
    const metrics = await readFile(join(run, 'metrics.jsonl'), 'utf8')
    tell({ steps, seconds, imagesPerSecond, loss, knn: probes.knn, alarms, waitedForData: `${waited(metrics).toFixed(2)} %` })
  },
}
