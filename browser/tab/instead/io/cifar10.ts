import type * as original from '../../../../src/io/cifar10'
import { absent } from '../../absent'

export const cifar10: typeof original.cifar10 = absent('cifar10')
