/** Tensors as a checkpoint describes them: which elements of which storage. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { elements } from '../../base/shape'
import { type Dtype, type Entry, type Half, toEntry } from '../dtype'
import { Global, Instance, Persistent, type Value } from '../pickle'
import { storageDtype } from './allowed'

export interface Storage {
  /** Its name in the file. */
  readonly key: string
  readonly dtype: Dtype | Half
  /** Number of elements. */
  readonly length: number
}

/** A view of a storage; offset and strides count elements. */
export interface StoredTensor {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

const isSize = (value: Value | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isSizes = (value: Value | undefined): value is readonly number[] => Array.isArray(value) && value.every(isSize)

/** The storage behind a persistent id, ('storage', class, key, location, length, …). */
export const storageOf = (value: Value | undefined): E.Either<string, Storage> => {
  const id = value instanceof Persistent && Array.isArray(value.id) ? (value.id as readonly Value[]) : []
  const [kind, made, key, , length] = id
  if (kind !== 'storage' || !(made instanceof Global) || typeof key !== 'string' || !isSize(length))
    return E.left('a tensor in it has no storage')
  // A view into another storage, as the oldest versions wrote.
  if (id[5] !== undefined && id[5] !== null)
    return E.left(`storage ${key} is a part of another, as only PyTorch 0.3 and older wrote`)
  const dtype = storageDtype(made.name)
  return dtype === undefined
    ? E.left(`storage ${key} is of ${made.name}, which holds no elements`)
    : E.right({ key, dtype, length })
}

/** How many elements of the storage it reaches over, from its offset on. */
const reach = ({ shape, strides }: StoredTensor): number =>
  shape.includes(0) ? 0 : shape.reduce((last, size, i) => last + (size - 1) * strides[i]!, 0) + 1

/** PyTorch's own limit. */
const MOST_DIMENSIONS = 64

const checked = (tensor: StoredTensor): E.Either<string, StoredTensor> => {
  const { storage, offset, shape } = tensor
  if (shape.length > MOST_DIMENSIONS)
    return E.left(
      `a tensor of storage ${storage.key} has ${shape.length} dimensions, more than the ${MOST_DIMENSIONS} of PyTorch`,
    )
  const count = elements(shape)
  const what = `a tensor [${shape.join(', ')}]`
  if (count > storage.length)
    return E.left(`${what} has ${count} elements, but its storage ${storage.key} only ${storage.length}`)
  if (offset + reach(tensor) > storage.length)
    return E.left(
      `${what} reaches to element ${offset + reach(tensor)} of its storage ${storage.key}, which has ${storage.length}`,
    )
  return E.right(tensor)
}

/** The tensor that a value describes; undefined where it is something else. */
export const tensorOf = (value: Value): E.Either<string, StoredTensor> | undefined => {
  if (!(value instanceof Instance)) return undefined
  if (value.type === 'torch._utils._rebuild_parameter') return tensorOf(value.args[0] ?? null)
  if (!value.type.startsWith('torch._utils._rebuild_tensor')) return undefined
  const [stored, offset, shape, strides] = value.args
  return pipe(
    storageOf(stored),
    E.chain((storage) =>
      isSize(offset) && isSizes(shape) && isSizes(strides) && shape.length === strides.length
        ? checked({ storage, offset, shape, strides })
        : E.left(`a tensor of storage ${storage.key} has no sizes and strides`),
    ),
  )
}

/** The strides of a tensor whose elements follow one another. */
const rowMajor = (shape: readonly number[]): readonly number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1))

/** Which elements of its storage must be read for a tensor. */
export const rangeOf = (tensor: StoredTensor): { readonly from: number; readonly count: number } => ({
  from: tensor.offset,
  count: reach(tensor),
})

/** The tensor made of the bytes of its range: as they are, or picked out by its strides. */
export const gathered = (tensor: StoredTensor, bytes: Uint8Array): Entry => {
  const { shape, strides, storage } = tensor
  const packed = rowMajor(shape)
  if (shape.includes(0) || shape.every((size, i) => size === 1 || strides[i] === packed[i]))
    return toEntry(storage.dtype, shape, bytes)
  const all = toEntry(storage.dtype, [reach(tensor)], bytes)
  const data = all.data.slice(0, elements(shape))
  for (let i = 0; i < data.length; i++) {
    const at = shape.reduce((sum, size, d) => sum + (Math.floor(i / packed[d]!) % size) * strides[d]!, 0)
    data[i] = all.data[at] as never
  }
  return { ...all, shape, data } as Entry
}
