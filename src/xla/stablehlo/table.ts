/** How each operation is lowered to StableHLO. */
import type { OperationType } from '../../graph/types'
import { ALONG_AXES } from './axes'
import { ELEMENTWISE } from './elementwise'
import { GATHERING } from './gathering'
import { HELD } from './held'
import type { Lowering } from './lowering'
import { PICTURES } from './pictures'
import { PRODUCTS } from './products'
import { SHAPES } from './shapes'

export const LOWERINGS: Readonly<Record<OperationType, Lowering>> = {
  ...HELD,
  ...ELEMENTWISE,
  ...ALONG_AXES,
  ...SHAPES,
  ...GATHERING,
  ...PRODUCTS,
  ...PICTURES,
}
