/** Whether an export computes what the run's network computes: both are given the same images. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Failure, missing } from '../base/failure'
import { fillUniform } from '../base/random'
import type { Computed } from '../evaluate/compute'
import type { Images } from '../evaluate/images'
import type { Model } from '../evaluate/model'
import type { Outputs } from '../evaluate/outputs'
import { normalize } from '../image/normalize'

/** What may lie between an output and its reference, as a share of the reference's largest value. */
export const TOLERANCE = 1e-4

/** Images of noise, which holds every frequency, normalised as the model wants them. */
export const sampleImages = ({ images: { size, channels, mean, std } }: Model, count: number): Images => {
  const [height, width] = size
  const pixels = Uint8Array.from(
    fillUniform(new Float32Array(count * height * width * channels), (draw) => Math.floor(256 * draw), 'export', 'samples'),
  )
  const values = normalize(mean, std)({ height: count * height, width, channels, data: pixels })
  return { values, shape: [count, height, width, channels] }
}

/** The first image of several. */
export const firstOf = ({ values, shape: [count, ...size] }: Images): Images => ({
  values: values.subarray(0, values.length / count),
  shape: [1, ...size],
})

/** max |a - b| / max |b| over the rows that `a` has; not a number where `a` isn't one. */
const gap = (a: Computed, b: Computed): number => {
  let [most, largest] = [0, 0]
  for (let i = 0; i < a.values.length; i++) {
    const between = Math.abs(a.values[i]! - b.values[i]!)
    if (Number.isNaN(between)) return Number.NaN
    most = Math.max(most, between)
    largest = Math.max(largest, Math.abs(b.values[i]!))
  }
  return largest === 0 ? most : most / largest
}

/** The worst relative difference of any output, of whose rows an export may have computed the first ones only. */
export const compared = (computed: Outputs<Computed>, reference: Outputs<Computed>): E.Either<string, number> => {
  let worst = 0
  for (const [name, expected] of Object.entries(reference)) {
    const found = computed[name as keyof typeof computed]
    if (found === undefined) return E.left(`it gives no ${name}`)
    if (found.shape.slice(1).join() !== expected.shape.slice(1).join())
      return E.left(`its ${name} is [${found.shape.join(', ')}], not [${expected.shape.join(', ')}]`)
    const between = gap(found, expected)
    if (Number.isNaN(between)) return E.left(`its ${name} is not a number`)
    worst = Math.max(worst, between)
  }
  return E.right(worst)
}

/** The worst of several differences, if it is small enough. */
export const checked = (differences: readonly E.Either<string, number>[], format: string): E.Either<Failure, number> =>
  pipe(
    E.sequenceArray(differences),
    E.map((all) => Math.max(...all)),
    E.filterOrElse(
      (worst) => worst <= TOLERANCE,
      (worst) => `they differ by ${worst.toExponential(1)} of the largest value, more than ${TOLERANCE}`,
    ),
    E.mapLeft((why) =>
      missing(
        `the ${format} export doesn't compute what the run's network computes: ${why}; it was removed`,
        "Please report this, with the run's resolved.yaml. The safetensors format holds the weights as they are.",
      ),
    ),
  )
