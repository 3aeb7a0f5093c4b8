/** Weights in a safetensors file, by official names or by another library's. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { elements } from '../base/shape'
import type { Model, WeightValues } from '../evaluate/model'
import { readFile, writeAtomically } from '../io/files'
import { parse } from '../io/safetensors'
import type { VitArchitecture } from '../nn/architecture'
import { withoutRegisterRows, withRegisterRows } from '../nn/position'
import { type NameTable, TIMM, theirNames } from '../nn/weightNames'
import { BACKBONE, HEAD, under } from '../program/stateNames'
import { type Layout, same, weightBytes } from './weightBytes'

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

export const writeWeights = (model: Model, layout: Layout, path: string): TE.TaskEither<Failure, void> =>
  writeAtomically(path, weightBytes(model, layout))

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
