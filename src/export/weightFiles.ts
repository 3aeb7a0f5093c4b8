/** Weights in a safetensors file, by official names or by another library's. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import { version } from '../base/version'
import type { Model, WeightValues } from '../evaluate/model'
import { readFile, writeAtomically } from '../io/files'
import { parse, serialize } from '../io/safetensors'
import type { VitArchitecture } from '../nn/architecture'
import { withoutRegisterRows, withRegisterRows } from '../nn/position'
import { type NameTable, TIMM, theirNames } from '../nn/weightNames'
import { BACKBONE, HEAD, under } from '../program/stateNames'
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

/** Another library's names of the backbone's weights; what it has no name for is left out. */
export const namedBy = (table: NameTable): Layout => ({ names: (name) => theirNames(table, name.slice(BACKBONE.length + 1)) })

/** timm's, whose position table has rows for registers too, and whose classifier is called `head` as here. */
export const timmLayout = ({ width, registers }: VitArchitecture): Layout => {
  const isTable = (name: string): boolean => registers > 0 && name === `${BACKBONE}.pos_embed`
  return {
    names: (name) => (name.startsWith(`${HEAD}.`) ? [name] : namedBy(TIMM).names(name)),
    write: (name, values) =>
      isTable(name)
        ? { shape: [1, values.shape[1]! + registers, width], data: withRegisterRows(values.data, width, registers) }
        : values,
    read: (name, data) => (isTable(name) ? withoutRegisterRows(data, width, registers).table : data),
  }
}

/** The names of the model's weights that another library has no name for, but the mask embedding, which only training uses. */
export const unnamed = ({ specs }: Model, table: NameTable): readonly string[] =>
  Object.keys(under(BACKBONE, specs)).filter((name) => name !== 'masked_embed' && theirNames(table, name) === undefined)

const same = <A>(_name: string, values: A): A => values

export const writeWeights = (model: Model, { names, write = same }: Layout, path: string): TE.TaskEither<Failure, void> => {
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
  return writeAtomically(path, serialize(entries, metadataOf(model)))
}

/** The model's weights from a file that `writeWeights` wrote; those that aren't in it as the model has them. */
export const readWeights = (model: Model, { names, read = same }: Layout, path: string): TE.TaskEither<Failure, WeightValues> =>
  pipe(
    readFile(path, 'the export'),
    TE.chainEitherK((bytes) =>
      pipe(
        parse(bytes),
        E.mapLeft((why) => missing(`${path} can't be read back: ${why}`, 'Check the disk.')),
      ),
    ),
    TE.map(({ tensors }) =>
      Object.fromEntries(
        Object.entries(model.specs).map(([name, { shape }]) => {
          const parts = names(name)
          if (parts === undefined) return [name, model.weights[name]!]
          const values = new Float32Array(elements(shape))
          for (const [i, part] of parts.entries())
            values.set(read(name, tensors.get(part)!.data as Float32Array), (i * values.length) / parts.length)
          return [name, values]
        }),
      ),
    ),
  )
