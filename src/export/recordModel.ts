/** A model as a graph: images and weights go in as placeholders. */
import { recordFunction } from '../engine/record/function'
import { functionOf } from '../evaluate/compute'
import type { Model } from '../evaluate/model'
import { IMAGES, type Outputs } from '../evaluate/outputs'
import type { Graph } from '../graph/graph'
import type { Value } from '../graph/operation'
import { mapped } from '../program/stateNames'

export interface RecordedModel {
  readonly graph: Graph
  readonly outputs: Outputs<Value>
}

/** Records a model for a number of images, operation by operation. */
export const recordModel = (model: Model, batch: number): RecordedModel => {
  const { size, channels } = model.images
  const shapes = { [IMAGES]: [batch, ...size, channels], ...mapped(model.specs, ({ shape }) => shape) }
  return recordFunction(functionOf(model), shapes, { fuse: false })
}
