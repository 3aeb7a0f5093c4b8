/** What other libraries' vision transformers must be told of one. */
import * as E from 'fp-ts/Either'
import { type Failure, rejected } from '../base/failure'
import type { Model } from '../evaluate/model'
import { isVit, type VitArchitecture } from '../nn/architecture'
import type { NameTable } from '../nn/weightNames'
import { unnamed } from './weightFiles'

/** Told where a format has no words for a network. */
export const inexpressible = (library: string, what: string): Failure =>
  rejected([
    {
      code: 'inexpressible',
      path: ['--to'],
      at: 'value',
      message: `${library} has no network with ${what}`,
      suggestion: 'export to onnx, tfjs or saved-model, which hold the computation itself, or to safetensors',
    },
  ])

/** What a model without its head is, if it is a vision transformer for all of whose weights the library has names. */
export const checkVit = (model: Model, library: string, table: NameTable): E.Either<Failure, VitArchitecture> => {
  const { name, architecture } = model.backbone
  if (!isVit(architecture)) return E.left(inexpressible(library, `the backbone '${name}' in this export`))
  if (model.withHead) return E.left(inexpressible(library, "iBOT's projection head"))
  const [first] = unnamed(model, table)
  return first === undefined ? E.right(architecture) : E.left(inexpressible(library, `the weight '${first}'`))
}
