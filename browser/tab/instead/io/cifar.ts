import type * as original from '../../../../src/io/cifar'
import { absent } from '../../absent'

export const cifarSource: typeof original.cifarSource = absent('cifar')
