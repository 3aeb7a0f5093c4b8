/** What other libraries' vision transformers must be told of one. */
import * as E from 'fp-ts/Either'
import { type Failure, rejected } from '../base/failure'
import type { Model } from '../evaluate/model'
import type { NameTable } from '../nn/names'
import { unnamed } from './weights'

/** The fields of `vit` (src/ops/backbone/vit.ts) that an exported network still depends on. */
export interface VitFields {
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
  readonly qkScale?: number
  readonly layerScale: number
  readonly pooling: 'cls' | 'mean'
  readonly imageSize?: number
  readonly layerNormEps?: number
}

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

/** The stages that are vision transformers: of any size, and of the usual ones. */
const VITS: readonly string[] = ['vit', 'vitTiny', 'vitSmall', 'vitBase', 'vitLarge']

/** The parameters of a ViT without its head, all of whose weights the library has names for. */
export const checkVit = (model: Model, library: string, table: NameTable): E.Either<Failure, VitFields> => {
  const { backbone, withHead } = model
  if (!VITS.includes(backbone.name)) return E.left(inexpressible(library, `the backbone '${backbone.name}' in this export`))
  if (withHead) return E.left(inexpressible(library, "iBOT's projection head"))
  const [first] = unnamed(model, table)
  return first === undefined
    ? E.right(backbone.fields as unknown as VitFields)
    : E.left(inexpressible(library, `the weight '${first}'`))
}
