/** The small networks of other libraries that `networks.py` wrote, and what these compute. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type Entry, parse } from '../../src/io/safetensors'

export const NETWORKS = join(__dirname, 'networks')

export const tensorsIn = (path: string): ReadonlyMap<string, Entry> => {
  const parsed = parse(readFileSync(path))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right.tensors
}

const expected = tensorsIn(join(NETWORKS, 'expected.safetensors'))

/** The side in pixels of the image that a network was shown. */
export const sizeOf = (name: string): number => (name.includes('swin') ? 24 : name === 'dinov2-resized' ? 16 : 12)

/** The image, [1, size, size, 3]. */
export const imageOf = (name: string): Entry => expected.get(`images.${sizeOf(name)}`)!

/** Its features, [1 + N, width]: what stands for the picture, then the patches. */
export const featuresOf = (name: string): Float32Array => expected.get(name)!.data as Float32Array

/** Networks in a file alone, and in a folder with their configuration. */
export const FILES = [
  'timm-vit',
  'timm-layerscale',
  'timm-mean',
  'timm-registers',
  'timm-registers-with-positions',
  'timm-distilled',
  'timm-deit3',
  'timm-swin',
  'dinov2',
  'dinov2-chunked',
  'dinov2-resized',
  'torchvision-vit',
  'torchvision-swin',
] as const
export const FOLDERS = [
  'hf-vit',
  'hf-vit-eps',
  'hf-classifier',
  'hf-simmim',
  'hf-deit',
  'hf-mae',
  'hf-dinov2',
  'hf-dinov2-registers',
  'hf-swin',
] as const

export const pathOf = (name: string): string =>
  join(NETWORKS, name.startsWith('hf-') ? join(name, 'model.safetensors') : `${name}.safetensors`)
