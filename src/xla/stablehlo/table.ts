/** How each operation is lowered to StableHLO. */
import type { OperationType } from '../../graph/types'
import { ALONG_AXES } from './axes'
import { CONVOLUTIONS } from './convolutions'
import { ELEMENTWISE } from './elementwise'
import { GATHERING } from './gathering'
import { HELD } from './held'
import type { Lowering } from './lowering'
import { POOLS } from './pools'
import { PRODUCTS } from './products'
import { RESIZING } from './resizing'
import { SHAPES } from './shapes'

export const LOWERINGS: Readonly<Record<OperationType, Lowering>> = {
  ...HELD,
  ...ELEMENTWISE,
  ...ALONG_AXES,
  ...SHAPES,
  ...GATHERING,
  ...PRODUCTS,
  ...CONVOLUTIONS,
  ...POOLS,
  ...RESIZING,
}
