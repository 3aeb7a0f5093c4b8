/** The paper's figures of a network, as rows of pictures: attention, components, correspondence, prototypes. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { patchFeatures, patchLogits, type Reader } from '../evaluate/reader'
import { crop } from '../image/crop'
import type { Picture } from '../image/picture'
import { colored } from '../view/colors'
import { componentColors, type FeatureRows, matchesOf, patternsOf } from '../view/features'
import { matched } from '../view/lines'
import { enlarged, enlargement, withMask } from '../view/paint'
import { type Cell, labelled, stacked } from '../view/sheet'
import { attentionOf } from './attention'

/** Pictures in rows and columns. */
export type Figure = readonly (readonly Cell[])[]

/** To what size pictures, and maps with one pixel a patch, are enlarged. */
const scales = ({ model: { images }, grid }: Reader) => {
  const times = enlargement(images.size[0])
  return { times, picture: enlarged(times), map: enlarged((times * images.size[0]) / grid.height) }
}

/**
 * One row a picture. The picture above the mean of all heads' attention; beside them what each head's [CLS] looks at, above the
 * patches that hold 60 % of it.
 */
export const attentionFigure = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, Figure> =>
  pipe(
    attentionOf(reader, pictures),
    TE.chain((looked) => {
      const { picture: large, map } = scales(reader)
      return TE.tryCatch(
        () =>
          Promise.all(
            looked.map(async ({ picture, mean, heads }) => [
              labelled('picture', await stacked([large(picture), map(mean)])),
              ...(await Promise.all(
                heads.map(async (head, i) => labelled(`head ${i + 1}`, await stacked([map(head.map), large(head.mass)]))),
              )),
            ]),
          ),
        defect,
      )
    }),
  )

/** One row a picture: the picture, and the first three principal components of all pictures' patches as red, green and blue. */
export const componentsFigure = (reader: Reader, pictures: readonly Picture[]): TE.TaskEither<Failure, Figure> =>
  pipe(
    patchFeatures(reader, pictures),
    TE.map((features) => {
      const { grid } = reader
      const { picture: large, map } = scales(reader)
      const cells = grid.height * grid.width
      const colors = componentColors(joined(features))
      return pictures.map((picture, i) => [
        labelled('picture', large(picture)),
        labelled('components', map(colored(grid, (cell) => colors[i * cells + cell]!))),
      ])
    }),
  )

const joined = (all: readonly FeatureRows[]): FeatureRows => {
  const values = new Float32Array(all.reduce((sum, one) => sum + one.values.length, 0))
  let at = 0
  for (const one of all) {
    values.set(one.values, at)
    at += one.values.length
  }
  return { values, width: all[0]?.width ?? 1 }
}

/** One row a pair of pictures: patches of both that are each other's nearest, joined by lines. */
export const correspondenceFigure = (
  reader: Reader,
  pairs: readonly (readonly [Picture, Picture])[],
  matches: number,
): TE.TaskEither<Failure, Figure> =>
  pipe(
    patchFeatures(reader, pairs.flat()),
    TE.chain((features) => {
      const { picture: large } = scales(reader)
      return TE.tryCatch(
        () =>
          Promise.all(
            pairs.map(async ([left, right], i) => [
              labelled(
                `pair ${i + 1}`,
                await matched(large(left), large(right), reader.grid, matchesOf(features[2 * i]!, features[2 * i + 1]!, matches)),
              ),
            ]),
          ),
        defect,
      )
    }),
  )

/** Patches around the one that is meant, along a side. */
const WINDOW = 3

/** One row a prototype, those first to which most patches belong: the patches nearest to it with what is around them. */
export const prototypesFigure = (
  reader: Reader,
  pictures: readonly Picture[],
  { prototypes, nearest }: { readonly prototypes: number; readonly nearest: number },
): TE.TaskEither<Failure, Figure> =>
  pipe(
    patchLogits(reader, pictures),
    TE.map((logits) => {
      const { grid, model } = reader
      const { stride: patch } = model.images
      const times = enlargement(WINDOW * patch)
      const around = (WINDOW - 1) / 2
      return patternsOf(logits, prototypes, nearest).map(({ prototype, nearest: found }) =>
        found.map(({ picture, patch: cell }, place) => {
          const left = ((cell % grid.width) - around) * patch
          const top = (Math.floor(cell / grid.width) - around) * patch
          const part = crop(left, top, WINDOW * patch, WINDOW * patch)(pictures[picture]!)
          // What is around is greyed: the patch itself is what the prototype stands for.
          const outside = Uint8Array.from({ length: WINDOW * WINDOW }, (_, i) =>
            i === Math.floor((WINDOW * WINDOW) / 2) ? 0 : 1,
          )
          const shown = enlarged(times)(withMask(part, outside, { height: WINDOW, width: WINDOW }, 0.6))
          return place === 0 ? labelled(`no. ${prototype}`, shown) : shown
        }),
      )
    }),
  )
