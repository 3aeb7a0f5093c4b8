/** All formats, by the names that `--to` takes. */
import type { Format } from './format'

export const FORMATS = ['safetensors', 'huggingface', 'timm', 'onnx', 'tfjs', 'saved-model'] as const
export type FormatName = (typeof FORMATS)[number]

/** What writes a format is loaded only when it is asked for. */
export const formatOf = async (name: FormatName): Promise<Format> => {
  switch (name) {
    case 'safetensors':
      return (await import('./safetensors.js')).safetensors
    case 'timm':
      return (await import('./timm.js')).timm
    case 'onnx':
      return (await import('./onnx/format.js')).onnx
    case 'huggingface':
      return (await import('./huggingface.js')).huggingface
    case 'tfjs':
      return (await import('./tensorflow/tfjs.js')).tfjs
    case 'saved-model':
      return (await import('./tensorflow/savedModel.js')).savedModel
  }
}
