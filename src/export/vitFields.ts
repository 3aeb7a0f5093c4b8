/** What other libraries' vision transformers must be told of one. */
import * as E from 'fp-ts/Either'
import { type Failure, rejected } from '../base/failure'
import type { Model } from './model'

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

/** The parameters of a ViT without its head; another library's networks are neither Swin transformers nor heads of iBOT. */
export const checkVit = ({ backbone, withHead }: Model, library: string): E.Either<Failure, VitFields> => {
  if (!VITS.includes(backbone.name))
    return E.left(inexpressible(library, `the backbone '${backbone.name}' under names known here`))
  if ((backbone.fields.registers ?? 0) !== 0) return E.left(inexpressible(library, 'register tokens'))
  return withHead ? E.left(inexpressible(library, "iBOT's projection head")) : E.right(backbone.fields as unknown as VitFields)
}
