/** Operations on pictures. */
import type { OperationType } from '../../graph/types'
import { type Lowering, refused } from './lowering'

const later = refused('later')
export const PICTURES = {
  AvgPool: later,
  AvgPoolGrad: later,
  Conv2D: later,
  Conv2DBackpropFilter: later,
  Conv2DBackpropInput: later,
  DepthwiseConv2dNative: later,
  DepthwiseConv2dNativeBackpropFilter: later,
  DepthwiseConv2dNativeBackpropInput: later,
  MaxPool: later,
  MaxPoolGrad: later,
  ResizeBilinear: later,
  ResizeBilinearGrad: later,
  ResizeNearestNeighbor: later,
  ResizeNearestNeighborGrad: later,
} as const satisfies Partial<Record<OperationType, Lowering>>
