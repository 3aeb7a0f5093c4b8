import type * as original from '../../../../src/io/parquet'
import { absent } from '../../absent'

export const parquetSource: typeof original.parquetSource = absent('parquet')
