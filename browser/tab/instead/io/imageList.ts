import type * as original from '../../../../src/io/imageList'
import { absent } from '../../absent'

export const imageList: typeof original.imageList = absent('imageList')
