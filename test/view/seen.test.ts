/** What a person is shown is what the networks get. */
import { rmSync, writeFileSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { expect, onTestFinished, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import { type Op, opName } from '../../src/dsl/type'
import { denormalize, normalize } from '../../src/image/normalize'
import { imageFolder } from '../../src/index'
import { occurrencesOf } from '../../src/loader/batches'
import { openLoader } from '../../src/loader/loader'
import { firstOriginals, seenFrom, seenPictures } from '../../src/loader/seen'
import { centerCrop, randomErasing } from '../../src/ops/all'
import { type Opened, openPlan } from '../../src/program/openPlan'
import { pictureFolder } from '../loader/pictureFolder'
import { tiny } from '../run/tiny'

const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}
const open = async (): Promise<Opened> => right(await openPlan(tiny({ steps: 12 }))())

/** Checks that the views and masks of a step are those of its batch, number by number. */
const expectSeen = async (opened: Opened, step: number): Promise<readonly string[]> => {
  const { design, span } = opened
  const loader = await openLoader(opened, step, { notify: () => undefined, report: async () => E.right(undefined) })
  const batch = right(await loader.share(step, 0))
  await loader.close()
  const { pictures, damaged } = right(await seenPictures(opened, step, span.batch)())
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
  return damaged
}

test.each([0, 9])('views and masks of step %i are those of its batch, number by number', async (step) => {
  expect(await expectSeen(await open(), step)).toEqual([])
})

/** A folder of 24 pictures, those at these places of step 0 damaged, and how many of all may be. */
const withDamaged = async (maxBad: number, places: readonly number[]) => {
  const folder = await pictureFolder(24)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const opened = right(await openPlan(tiny({ steps: 12, maxBad, source: imageFolder({ path: folder, channels: 1 }) }))())
  const { source, design, span } = opened
  const images = occurrencesOf(design.training.meaning, source.count, span)(0).map(({ image }) => image)
  const files = places.map((place) => source.path!(images[place]!))
  for (const file of files) writeFileSync(file, 'no picture')
  return { opened, files }
}

test('in the place of a damaged picture the one is shown that training takes, and the file is named', async () => {
  const { opened, files } = await withDamaged(0.3, [0, 1, 3])
  const damaged = await expectSeen(opened, 0)
  expect(damaged).toHaveLength(3)
  for (const file of files)
    expect(damaged).toContainEqual(
      expect.stringMatching(new RegExp(`^${file} cannot be decoded.*; another picture stands in its place, as in training$`)),
    )
})

test('where none can be had in its place, the rest is shown', async () => {
  const { opened, files } = await withDamaged(0, [1])
  const { pictures, damaged } = right(await seenPictures(opened, 0, 4)())
  expect(pictures.map(({ image }) => image)).toEqual(
    seenFrom(opened, 0, 4)
      .map(({ image }) => image)
      .toSpliced(1, 1),
  )
  expect(damaged).toEqual([expect.stringMatching(new RegExp(`^${files[0]} cannot be decoded.*; it is left out$`))])
  const originals = right(await firstOriginals(opened, 1000)())
  expect(originals.pictures).toHaveLength(23)
  expect(originals.damaged).toEqual(damaged)
})

test('where nothing can be shown, that is why', async () => {
  const { opened } = await withDamaged(0, [0, 1, 2, 3])
  expect(await seenPictures(opened, 0, 4)()).toMatchObject({
    left: { _tag: 'Missing', message: expect.stringContaining('cannot be decoded') },
  })
  const { pictures, damaged } = right(await seenPictures(opened, 0, 8)())
  expect(pictures).toHaveLength(4)
  expect(damaged.slice(3)).toEqual(["1 more picture can't be read"])
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
  const batch = right(await loader.share(0, 0))
  const { pictures } = right(await seenPictures(opened, 0, opened.span.batch)())
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
  const { pictures } = right(await firstOriginals(opened, 1000)())
  expect(pictures).toHaveLength(24)
  expect(new Set(pictures.map(({ data }) => data.join())).size).toBe(24)
})
