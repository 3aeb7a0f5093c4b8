/** What the page and the worker that trains say to each other. */
import type { Dropped } from './dropped'

/** On what is computed: WebGPU where there is one, or WebAssembly. */
export type Computing = 'auto' | 'wasm'

export type Asked =
  /** What is wrong with a pipeline, if anything is. */
  | { readonly ask: 'check'; readonly text: string }
  | { readonly ask: 'train'; readonly text: string; readonly on: Computing }
  /** Ends the training after the step that is under way; its network stays. */
  | { readonly ask: 'stop' }
  /** The network that is measured, as a file. */
  | { readonly ask: 'weights' }
  | { readonly ask: 'drop'; readonly files: readonly Dropped[] }

/** A part of the report, as text: what has its id is replaced by it. */
export interface PartText {
  readonly id: string
  /** Those of smaller ranks stand above it. */
  readonly rank: number
  /** Whether it is for those who want to know more: it stands folded. */
  readonly more: boolean
  readonly html: string
}

export type Told =
  /** What is wrong with the text that was to be checked, in words; undefined where nothing is. */
  | { readonly tell: 'checked'; readonly text: string; readonly wrong: string | undefined }
  | { readonly tell: 'note'; readonly message: string }
  | { readonly tell: 'began'; readonly name: string; readonly engine: string; readonly steps: number }
  /** Steps done, pictures a second, and seconds that are left at this pace. */
  | { readonly tell: 'step'; readonly step: number; readonly imagesPerSecond: number; readonly secondsLeft: number }
  | { readonly tell: 'parts'; readonly parts: readonly PartText[] }
  /** Why a training came to its end: it made all its steps, was stopped, or something went wrong. */
  | { readonly tell: 'ended'; readonly step: number; readonly how: 'done' | 'stopped' }
  | { readonly tell: 'failed'; readonly why: string }
  | { readonly tell: 'weights'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
