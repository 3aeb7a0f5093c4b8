/** What a person is shown is what the networks get. */
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { type Op, opName } from '../../src/dsl/type'
import { denormalize, normalize } from '../../src/image/normalize'
import { openLoader } from '../../src/loader/loader'
import { firstOriginals, seenFrom, seenPictures } from '../../src/loader/seen'
import { centerCrop, randomErasing } from '../../src/ops/all'
import { type Opened, openPlan } from '../../src/program/openPlan'
import { tiny } from '../run/tiny'

const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const open = async (): Promise<Opened> => right(await openPlan(tiny({ steps: 12 }))())

test.each([0, 9])('views and masks of step %i are those of its batch, number by number', async (step) => {
  const opened = await open()
  const { design, span } = opened
  const loader = await openLoader(opened, step, { notify: () => undefined, report: async () => E.right(undefined) })
  const batch = right(await loader.batch(step))
  const pictures = right(await seenPictures(opened, step, span.batch)())
  const { mean, std, views } = design.views.meaning
  // View by view, and within a view picture by picture.
  const shown = (kind: 'global' | 'local') =>
    views.flatMap((_, view) =>
      pictures.flatMap((picture) => {
        const one = picture.views[view]!
        return one.kind === kind ? Array.from(normalize(mean, std)(one.picture)) : []
      }),
    )
  expect(shown('global')).toEqual(Array.from(batch.global))
  expect(shown('local')).toEqual(batch.local.flatMap((values) => Array.from(values)))
  const masks = views.flatMap((_, view) => pictures.flatMap((picture) => Array.from(picture.views[view]!.mask?.hidden ?? [])))
  expect(masks).toEqual(Array.from(batch.mask!))
})

test('what is erased in a view is shown as near to it as a picture gets', async () => {
  const erasing: Op<'stage'> = {
    views: {
      global: [{ times: 2, augment: [centerCrop(16), randomErasing()] }],
      local: [],
      normalize: { mean: [0.5], std: [0.25] },
    },
  }
  const plan = tiny()
  const opened = right(
    await openPlan({ ...plan, pipeline: plan.pipeline.map((op) => (opName(op) === 'views' ? erasing : op)) })(),
  )
  const { mean, std } = opened.design.views.meaning
  const loader = await openLoader(opened, 0, { notify: () => undefined, report: async () => E.right(undefined) })
  const batch = right(await loader.batch(0))
  const pictures = right(await seenPictures(opened, 0, opened.span.batch)())
  const length = 16 * 16
  for (const [
    i,
    {
      views: [view],
      original,
    },
  ] of pictures.entries()) {
    expect(view!.steps.map(({ name }) => name)).toEqual(['centerCrop', 'randomErasing'])
    const numbers = batch.global.subarray(i * length, (i + 1) * length)
    expect(view!.picture).toEqual(denormalize(mean, std)(numbers, original))
    expect(view!.picture).not.toEqual(original)
  }
})

test('pictures come in the order of training, over the ends of batches and epochs', async () => {
  const opened = await open()
  const { stepsPerEpoch, batch } = opened.span
  const seen = seenFrom(opened, stepsPerEpoch - 1, 2 * batch + 1)
  expect(seen.map(({ epoch }) => epoch)).toEqual([...Array(batch).fill(0), ...Array(batch + 1).fill(1)])
  expect(seenFrom(opened, 0, stepsPerEpoch * batch).map(({ image }) => image)).toHaveLength(
    new Set(seenFrom(opened, 0, stepsPerEpoch * batch).map(({ image }) => image)).size,
  )
})

test('where whole pictures are shown, none comes twice', async () => {
  const opened = await open()
  const pictures = right(await firstOriginals(opened, 1000)())
  expect(pictures).toHaveLength(24)
  expect(new Set(pictures.map(({ data }) => data.join())).size).toBe(24)
})
