import type * as original from '../../../../src/io/mnist'
import { absent } from '../../absent'

export const mnist: typeof original.mnist = absent('mnist')
