import type * as original from '../../../../src/io/tarShards'
import { absent } from '../../absent'

export const tarShards: typeof original.tarShards = absent('tarShards')
