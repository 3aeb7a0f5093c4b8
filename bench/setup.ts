/** What a program that trains is told: one JSON argument, the same for ours and theirs. */

export interface Model {
  /** The official name; undefined where the official code has no such model. */
  readonly arch: string | undefined
  readonly patch: number
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly dropPath: number
  /** Sides of the global and local views in pixels. */
  readonly size: number
  readonly localSize: number
  readonly prototypes: number
  readonly hidden: number
  readonly bottleneck: number
}

const official = { patch: 16, dropPath: 0.1, size: 224, localSize: 96, prototypes: 8192, hidden: 2048, bottleneck: 256 }

export const MODELS = {
  'vit-s': { arch: 'vit_small', width: 384, depth: 12, heads: 6, ...official },
  'vit-b': { arch: 'vit_base', width: 768, depth: 12, heads: 12, ...official },
  'vit-l': { arch: 'vit_large', width: 1024, depth: 24, heads: 16, ...official },
  /** For trying a benchmark out: both sides have it, and a step takes a fraction of a second. */
  small: {
    ...{ arch: 'vit_tiny', width: 192, depth: 12, heads: 3, patch: 8, dropPath: 0.1 },
    ...{ size: 32, localSize: 16, prototypes: 256, hidden: 128, bottleneck: 32 },
  },
  /** A step of milliseconds, for thousands of them. */
  speck: {
    ...{ arch: undefined, width: 16, depth: 2, heads: 2, patch: 8, dropPath: 0.1 },
    ...{ size: 16, localSize: 8, prototypes: 32, hidden: 16, bottleneck: 8 },
  },
} as const satisfies Readonly<Record<string, Model>>

export type Precision = 'float32' | 'bfloat16'

export interface StepSetup {
  readonly model: Model
  /** Numbers of views of a picture. */
  readonly globals: number
  readonly locals: number
  /** Pictures a step. */
  readonly batch: number
  /** Pictures that are computed at once; all of them where it isn't given. */
  readonly microBatch?: number
  /** How the head normalises its layers; not at all where it isn't given. */
  readonly norm?: 'none' | 'batch'
  readonly threads: number
  readonly precision: Precision
  /** How many devices of a machine compute together, where the backend can do that; 1 where it isn't given. */
  readonly devices?: number
  /** One of the recipes in pipelines/ in place of the one below. */
  readonly recipe?: string
  /** Its arguments to the official code, by their names. */
  readonly arguments?: Readonly<Record<string, readonly (number | string | boolean)[]>>
}

/** The recipe that all comparisons share, unless they say otherwise. */
export const RECIPE: StepSetup = { model: MODELS['vit-s'], globals: 2, locals: 0, batch: 8, threads: 2, precision: 'float32' }
