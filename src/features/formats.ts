/** All formats for features, by the names that `--to` takes. */
import type { FeatureFormat } from './format'
import { jsonl } from './jsonl'
import type { FormatName } from './names'
import { npy } from './npy'
import { parquet } from './parquet'
import { safetensors } from './safetensors'

export const FEATURE_FORMATS: Readonly<Record<FormatName, FeatureFormat>> = { npy, safetensors, parquet, jsonl }
