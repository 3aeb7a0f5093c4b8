/** Reference numbers of the official PyTorch code: `NAME.json` and the arrays of `NAME.safetensors`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { parse } from '../../src/io/safetensors'

const folder = join(__dirname, '..', 'golden')

export interface Golden<T> {
  readonly json: T
  readonly floats: (name: string) => Float32Array
  readonly integers: (name: string) => readonly number[]
}

export const golden = <T>(name: string): Golden<T> => {
  const parsed = parse(new Uint8Array(readFileSync(join(folder, `${name}.safetensors`))))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  const data = (tensor: string) => {
    const entry = parsed.right.tensors.get(tensor)
    if (entry === undefined) throw new Error(`${name}.safetensors has no tensor ${tensor}`)
    return entry.data
  }
  return {
    json: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as T,
    floats: (tensor) => Float32Array.from(data(tensor) as Float32Array),
    integers: (tensor) => Array.from(data(tensor) as BigInt64Array, Number),
  }
}
