/** The network of a run, to be looked into. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Registry } from '../dsl/registry'
import type { Engine } from '../engine/engine'
import { engineHere } from '../engine/openEngine'
import { gridOf } from '../program/masked'
import type { Reader } from './reader'
import { readModel } from './readModel'

/** Opens the frozen network of a run at its newest checkpoint, for square pictures of so many pixels a side; by default those of the run. */
export const openReader = (
  registry: Registry,
  run: string,
  side: number | undefined,
  signal?: AbortSignal,
): TE.TaskEither<Failure, Reader & { readonly engine: Engine }> =>
  pipe(
    TE.Do,
    TE.bind('model', () => readModel(registry, run, { withHead: true })),
    TE.bind('size', ({ model: { images } }) =>
      side === undefined || side % images.stride === 0
        ? TE.right(side === undefined ? images.size : ([side, side] as const))
        : TE.left(
            missing(
              `pictures of ${side} × ${side} pixels can't be divided into patches of ${images.stride} × ${images.stride}`,
              `Use a multiple of ${images.stride}, such as ${Math.max(1, Math.round(side / images.stride)) * images.stride}.`,
            ),
          ),
    ),
    TE.bind('engine', () => engineHere),
    TE.map(({ model: { images, ...model }, size, engine }) => {
      const sized = { ...model, images: { ...images, size } }
      return { signal, model: sized, engine, grid: gridOf(size, images.stride) }
    }),
  )
