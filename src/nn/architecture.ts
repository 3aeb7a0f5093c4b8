/** What a network is in plain numbers, as the configurations of other libraries put it: what an export is configured by. */

/** A vision transformer of pre-norm blocks with a [CLS] token and learnt positions. */
export interface VitArchitecture {
  readonly family: 'vit'
  /** Side of a patch in pixels. */
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  /** Hidden features of the MLP, as a multiple of the width. */
  readonly mlpRatio: number
  readonly qkvBias: boolean
  /** What queries · keys are multiplied by, if not 1 / √(width / heads). */
  readonly qkScale: number | undefined
  /** Epsilon of the layer normalisations, if not 1e-6. */
  readonly layerNormEps?: number | undefined
  /** First value of LayerScale's factors; 0 for none. */
  readonly layerScale: number
  /** Register tokens. */
  readonly registers: number
  /** What stands for the whole picture: the [CLS] token, or the normalised mean of the patches. */
  readonly pooling: 'cls' | 'mean'
  /** Side in pixels of the images that the position table is made for. */
  readonly imageSize: number
}

/** A Swin transformer. */
export interface SwinArchitecture {
  readonly family: 'swin'
  /** Side in pixels of a patch of the first stage. */
  readonly patch: number
  /** Features of a patch in the first stage; they double from stage to stage. */
  readonly width: number
  /** Blocks and heads of each stage. */
  readonly depths: readonly number[]
  readonly heads: readonly number[]
  /** Side of a window in patches. */
  readonly window: number
  readonly mlpRatio: number
  readonly qkvBias: boolean
  readonly qkScale: number | undefined
  /** Epsilon of the layer normalisations, if not 1e-6. */
  readonly layerNormEps?: number | undefined
  /** Side in pixels of the images for which windows and shifts are laid out. */
  readonly imageSize: number
}

/** A network of one's own: a name for its family and whatever numbers tell it from others of it. */
export interface OtherArchitecture {
  readonly family: string
  readonly [field: string]: string | number | boolean | readonly number[] | undefined
}

export type Architecture = VitArchitecture | SwinArchitecture | OtherArchitecture

export const isVit = (architecture: Architecture): architecture is VitArchitecture => architecture.family === 'vit'
