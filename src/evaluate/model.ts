/** One network of a pipeline as it is exported and looked into: what it is, and its weights by their names. */
import type { NetworkName } from '../base/networkName'
import { type Json, opBody } from '../dsl/type'
import type { Architecture } from '../nn/architecture'
import type { WeightSpecs } from '../nn/layer'
import type { Design } from '../program/design'
import type { NamedNetwork, Network } from '../program/networks'
import { BACKBONE, HEAD } from '../program/stateNames'

/** Weights by their official names: `backbone.…`, and `head.…` where there is one. */
export type WeightValues = Readonly<Record<string, Float32Array>>

export interface Model {
  /** The pipeline that it comes from. */
  readonly design: Design
  readonly which: NetworkName
  readonly network: Network
  readonly withHead: boolean
  /** The weights, and the head's running statistics; names as in `WeightValues`. */
  readonly specs: WeightSpecs
  readonly weights: WeightValues
  /** The backbone's op with its parameters in full, and what it says of itself. */
  readonly backbone: {
    readonly name: string
    readonly fields: Readonly<Record<string, Json>>
    readonly width: number
    readonly hasCls: boolean
    readonly architecture: Architecture
  }
  /** The images that it takes: height and width in pixels, and how they are normalised. */
  readonly images: {
    readonly size: readonly [number, number]
    readonly channels: 1 | 3
    /** Pixels along a side of what one token of the output stands for. */
    readonly stride: number
    readonly mean: readonly number[]
    readonly std: readonly number[]
  }
  /** Steps of training. */
  readonly step: number
}

/** The weights of the backbone, and of the head if it is wanted; a student's own ones of its losses belong to neither. */
const specsOf = ({ weights, buffers }: Network, withHead: boolean): WeightSpecs => {
  const parts = withHead ? [BACKBONE, HEAD] : [BACKBONE]
  return Object.fromEntries(
    Object.entries({ ...weights, ...buffers }).filter(([name]) => parts.some((part) => name.startsWith(`${part}.`))),
  )
}

/** All of a model but its weights. */
export const describedModel = (
  design: Design,
  { which, network }: NamedNetwork,
  { channels, withHead, step }: Pick<Model['images'], 'channels'> & Pick<Model, 'withHead' | 'step'>,
): Omit<Model, 'weights'> => {
  const { mean, std } = design.views.meaning
  const { name, op, meaning } = design.backbone
  return {
    design,
    which,
    network,
    withHead,
    specs: specsOf(network, withHead),
    backbone: {
      name,
      fields: opBody(op) as Readonly<Record<string, Json>>,
      width: meaning.width,
      hasCls: meaning.hasCls,
      architecture: meaning.architecture({ channels, size: design.sizes[0]![0] }),
    },
    images: { size: design.sizes[0]!, channels, stride: meaning.stride, mean, std },
    step,
  }
}
