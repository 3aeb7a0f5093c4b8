/** How fast this machine decodes pictures. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { random } from '../base/random'
import { decodePicture } from './decode'

/** The usual size of a picture of ImageNet. */
const [WIDTH, HEIGHT] = [500, 375]
const TIMES = 40

/** Waves and noise: as a photograph, neither flat nor all noise. */
const pixels = (): Uint8Array => {
  const draw = random(0)
  return Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const at = Math.floor(i / 3)
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)]
    return 128 + 60 * Math.sin(x / 31 + (i % 3)) + 40 * Math.cos(y / 17) + 20 * (draw.uniform() - 0.5)
  })
}

const photograph: TE.TaskEither<Failure, Uint8Array> = pipe(
  TE.tryCatch(
    () => import('sharp'),
    () =>
      missing(
        'sharp, the package that decodes pictures, cannot be loaded',
        'npm install sharp, on a machine of the same kind as this one',
      ),
  ),
  TE.chain(({ default: sharp }) =>
    TE.tryCatch(
      () =>
        sharp(pixels(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
          .jpeg({ quality: 90 })
          .toBuffer(),
      defect,
    ),
  ),
)

/** JPEGs of 500×375 pixels a second, one after the other. */
export const decodeSpeed: TE.TaskEither<Failure, number> = pipe(
  photograph,
  TE.chain((jpeg) => async (): Promise<E.Either<Failure, number>> => {
    // The first one loads what the others use.
    const first = await decodePicture(jpeg, { channels: 3 })
    if (E.isLeft(first)) return first
    const start = performance.now()
    for (let i = 0; i < TIMES; i++) {
      const decoded = await decodePicture(jpeg, { channels: 3 })
      if (E.isLeft(decoded)) return decoded
    }
    return E.right((1000 * TIMES) / (performance.now() - start))
  }),
)
