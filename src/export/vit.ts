/** What other libraries' vision transformers must be told of one. */
import * as E from 'fp-ts/Either'
import { type Failure, rejected } from '../base/failure'
import type { Model } from '../evaluate/model'
import { isVit, type VitArchitecture } from '../nn/architecture'
import type { NameTable } from '../nn/weightNames'
import { HEAD, under } from '../program/stateNames'
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

/** Whether the head is a linear classifier alone, as other libraries' vision transformers have. */
const isLinear = ({ design, specs }: Model): boolean =>
  design.head.meaning.classes !== undefined &&
  Object.keys(under(HEAD, specs)).every((name) => name === 'weight' || name === 'bias')

const headOf = ({ design }: Model, takesClassifier: boolean): string => {
  if (design.head.meaning.classes === undefined) return "iBOT's projection head"
  return takesClassifier ? 'a classifier behind a hidden layer' : 'a classifier in this export'
}

/** What a model is, without its head or with a classifier where the library `takesClassifier`, if it is a vision transformer for all of whose weights the library has names. */
export const checkVit = (
  model: Model,
  library: string,
  table: NameTable,
  takesClassifier = false,
): E.Either<Failure, VitArchitecture> => {
  const { name, architecture } = model.backbone
  if (!isVit(architecture)) return E.left(inexpressible(library, `the backbone '${name}' in this export`))
  if (model.withHead && !(takesClassifier && isLinear(model)))
    return E.left(inexpressible(library, headOf(model, takesClassifier)))
  const [first] = unnamed(model, table)
  return first === undefined ? E.right(architecture) : E.left(inexpressible(library, `the weight '${first}'`))
}
