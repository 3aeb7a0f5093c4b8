/** The usual sizes of backbones, by the names that papers and libraries have for them. */

export interface VitSize {
  readonly width: number
  readonly depth: number
  readonly heads: number
}

/** ViT (arXiv 2010.11929) and DeiT (arXiv 2012.12877). */
export const VIT_SIZES = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
  large: { width: 1024, depth: 24, heads: 16 },
} as const satisfies Readonly<Record<string, VitSize>>

export interface SwinSize {
  /** Of the first stage. */
  readonly width: number
  readonly depths: readonly number[]
  readonly heads: readonly number[]
  /** The rate with which the official code trains this size, whatever its arguments say. */
  readonly dropPath: number
}

/** Swin (arXiv 2103.14030). */
export const SWIN_SIZES = {
  tiny: { width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24], dropPath: 0.1 },
  small: { width: 96, depths: [2, 2, 18, 2], heads: [3, 6, 12, 24], dropPath: 0.2 },
  base: { width: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32], dropPath: 0.2 },
  large: { width: 192, depths: [2, 2, 18, 2], heads: [6, 12, 24, 48], dropPath: 0.2 },
} as const satisfies Readonly<Record<string, SwinSize>>
