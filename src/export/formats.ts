/** All formats, by the names that `--to` takes; what writes one is loaded only when it is asked for. */
import type { Format } from './format'

const LOADERS = {
  safetensors: async () => (await import('./safetensors.js')).safetensors,
  huggingface: async () => (await import('./huggingface.js')).huggingface,
  timm: async () => (await import('./timm.js')).timm,
  onnx: async () => (await import('./onnx/format.js')).onnx,
  tfjs: async () => (await import('./tensorflow/tfjs.js')).tfjs,
  'saved-model': async () => (await import('./tensorflow/savedModel.js')).savedModel,
} satisfies Readonly<Record<string, () => Promise<Format>>>

export type FormatName = keyof typeof LOADERS
export const FORMATS = Object.keys(LOADERS) as readonly FormatName[]

export const formatOf = (name: FormatName): Promise<Format> => LOADERS[name]()
