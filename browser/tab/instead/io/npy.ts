import type * as original from '../../../../src/io/npy'
import { absent } from '../../absent'

export const npySource: typeof original.npySource = absent('npy')
