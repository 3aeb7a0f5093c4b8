/** A model's weights as the bytes of a safetensors file. */
import { version } from '../base/version'
import type { Model } from '../evaluate/model'
import { serialize } from '../io/safetensors'
import { BACKBONE } from '../program/stateNames'
import { description } from '../weights/description'

/** What the file says of itself. `pt` is what PyTorch's readers look for. */
export const metadataOf = ({ design: { plan }, which, step, backbone, images }: Model) => ({
  format: 'pt',
  ibot: version,
  run: plan.name,
  network: which,
  step: String(step),
  backbone: JSON.stringify({ [backbone.name]: backbone.fields }),
  ...description(backbone.architecture, images),
})

/** The names in the file of each weight's parts, stacked along the first axis; undefined for what is left out. */
type FileNames = (name: string) => readonly string[] | undefined

interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** How a file keeps the weights of a model. */
export interface Layout {
  readonly names: FileNames
  /** A weight of one part as it stands in the file, where that is another tensor, and back. */
  readonly write?: ((name: string, values: Values) => Values) | undefined
  readonly read?: ((name: string, data: Float32Array) => Float32Array) | undefined
}

/** As official checkpoints of a backbone alone have them; with its head, parts of the network stand below their names. */
export const official = ({ withHead }: Pick<Model, 'withHead'>): Layout => ({
  names: (name) => [withHead ? name : name.slice(BACKBONE.length + 1)],
})

export const same = <A>(_name: string, values: A): A => values

export const weightBytes = (model: Model, { names, write = same }: Layout): Uint8Array => {
  const entries = Object.entries(model.specs).flatMap(([name, spec]) => {
    const parts = names(name) ?? []
    const { shape, data } = write(name, { shape: spec.shape, data: model.weights[name]! })
    const size = data.length / parts.length
    return parts.map(
      (part, i) =>
        [
          part,
          {
            dtype: 'F32',
            shape: parts.length === 1 ? shape : [shape[0]! / parts.length, ...shape.slice(1)],
            data: data.subarray(i * size, (i + 1) * size),
          },
        ] as const,
    )
  })
  return serialize(entries, metadataOf(model))
}
