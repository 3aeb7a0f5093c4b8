/** Benchmarks of pictures: their pipelines, and what is made of a run's metrics. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { augmentPipeline } from '../../bench/augmentSetup'
import { openedText } from '../../bench/ours/pipeline'
import { withPictures } from '../../bench/pictures'
import { using } from '../../bench/programs/child'
import { ourAugment, ourWorkers } from '../../bench/programs/ours'
import { theirAugment } from '../../bench/programs/theirs'
import { waited } from '../../bench/waited'

test('the pipeline makes the views of the official transform, from pictures that are there for as long as they are used', async () => {
  const folder = await withPictures(2, async (made) => {
    const { program, source } = await openedText(augmentPipeline({ folder: made, count: 2, locals: 10 }))
    expect(program.batch.global).toEqual([4, 224, 224, 3])
    expect(program.batch.local).toEqual([[20, 96, 96, 3]])
    const picture = await source.read(1)
    expect(picture).toMatchObject({ right: { width: 500, height: 375, channels: 3 } })
    return made
  })
  expect(() => readdirSync(folder)).toThrow(/ENOENT/)
})

test('both programs make batches and tell their seconds', async () => {
  await withPictures(2, (folder) => {
    const setup = { folder, count: 2, locals: 0 }
    return using([ourAugment(setup), ourWorkers({ ...setup, workers: 1 })], async (programs) => {
      for (const program of programs) expect((await program.ask('step')).seconds).toBeGreaterThan(0)
    })
  })
})

test('what theirs needs is told where it is missing', () => {
  expect(theirAugment({ folder: '', count: 2, locals: 0 }, {})).toMatchObject({
    left: expect.stringMatching(/IBOT_PYTHON.*IBOT_OFFICIAL/),
  })
})

test('the share of waiting leaves out the first step and the lines of probes', () => {
  const lines = [
    { step: 0, knn: 0.5 },
    { step: 1, seconds: 10, dataWait: 5 },
    { step: 2, seconds: 14, dataWait: 1 },
    { step: 2, knn: 0.6 },
    { step: 3, seconds: 20, dataWait: 0.5 },
  ]
  expect(waited(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))).toBeCloseTo(15, 12)
})
