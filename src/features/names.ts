/** What can be written, by the names that commands take: nothing large is loaded for them. */

/** [CLS]; the mean of the patches; or all patches. */
export const TOKENS = ['cls', 'mean', 'patch'] as const
export type Tokens = (typeof TOKENS)[number]

export const FORMATS = ['npy', 'safetensors', 'parquet', 'jsonl'] as const
export type FormatName = (typeof FORMATS)[number]
