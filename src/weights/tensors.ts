/** What a file holds: tensors by the names that it has for them. A safetensors file, or a checkpoint of PyTorch. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Dtype, Entry, Half } from '../io/dtype'
import { fileFailure } from '../io/files'
import type { Value } from '../io/pickle'
import { openRegular } from '../io/regular'
import { readSafetensors } from '../io/safetensorsFile'
import { withoutWrappers } from '../io/torch/official'
import { entriesOf, namedEntries, type Plain, plainOf } from '../io/torch/plain'
import { type StoredTensor, type TorchCheckpoint, tensorOf, withTorchCheckpoint } from '../io/torchCheckpoint'

export interface Stored {
  readonly dtype: Dtype | Half | undefined
  readonly read: TE.TaskEither<Failure, Entry>
}

export interface TensorFile {
  /** By their names without those of wrappers (`module.`), dicts within dicts joined by dots. */
  readonly tensors: ReadonlyMap<string, Stored>
  /** The dicts in which they stand, as prefixes of names. */
  readonly containers: readonly string[]
  /** What the file says of itself: the metadata of a safetensors file. */
  readonly metadata: Readonly<Record<string, string>>
  /** What was called to train it: a checkpoint's `args`, and its `arch`. */
  readonly args: Readonly<Record<string, Plain>> | undefined
}

export type FileKind = 'torch' | 'safetensors' | 'text'

/** What a file is, from its first bytes: a length (of less than 4 GB) before a brace, a ZIP archive or a pickle, or none of these. */
export const kindOf = (path: string): TE.TaskEither<Failure, FileKind> =>
  TE.tryCatch(
    async () => {
      const file = await openRegular(path)
      try {
        const first = Buffer.alloc(9)
        const { bytesRead } = await file.read(first, 0, 9, 0)
        // Any byte may begin a length, even that of a pickle.
        if (bytesRead === 9 && first.readUInt32LE(4) === 0 && first[8] === 0x7b) return 'safetensors'
        return first.toString('latin1', 0, 2) === 'PK' || first[0] === 0x80 ? 'torch' : 'text'
      } finally {
        await file.close()
      }
    },
    fileFailure(`cannot read ${path}`),
  )

export const unusable = (
  path: string,
  why: string,
  remedy = 'Name a checkpoint of the official code, or a backbone as timm, Hugging Face, DINOv2 or torchvision save it: a state dict of PyTorch or a safetensors file.',
): Failure => missing(`${path} can't be used: ${why}`, remedy)

/** Reads tensors one after another. */
export const readTensors =
  (read: TorchCheckpoint['read']) =>
  (tensors: Iterable<readonly [string, StoredTensor]>): TE.TaskEither<Failure, ReadonlyMap<string, Entry>> =>
    pipe(
      [...tensors],
      TE.traverseSeqArray(([name, tensor]) => TE.map((entry: Entry) => [name, entry] as const)(read(tensor))),
      TE.map((pairs) => new Map(pairs)),
    )

/** Parts of checkpoints beside the networks. */
const BESIDE = /^(?:optim|(?:lr_?)?sched|scaler|fp16_scaler|amp|rng|callbacks|loops|args$|config$|hparams|hyper)/i
const DEEPEST = 5

/** Tensors below a value by their paths, and the dicts that hold them. Every dict is walked through once. */
const tensorsBelow = (value: Value) => {
  const tensors: (readonly [name: string, tensor: E.Either<string, StoredTensor>])[] = []
  const containers: string[] = []
  const seen = new Set<Value>()
  const walk = (one: Value, prefix: string, depth: number): void => {
    const entries = namedEntries(one)
    if (entries === undefined || seen.has(one) || depth > DEEPEST) return
    seen.add(one)
    containers.push(prefix)
    for (const [name, inner] of entries) {
      const tensor = tensorOf(inner)
      if (tensor !== undefined) tensors.push([`${prefix}${name}`, tensor])
      else if (!BESIDE.test(name)) walk(inner, `${prefix}${name}.`, depth + 1)
    }
  }
  walk(value, '', 0)
  return { tensors, containers: containers.map(withoutWrappers) }
}

/** A checkpoint's arguments: `args`, a Namespace or a dict, and `arch`, which stands beside it in some. */
const argsIn = (value: Value): TensorFile['args'] => {
  const entries = namedEntries(value)
  const named = [...(entriesOf(entries?.get('args')) ?? [])].flatMap(([name, one]) => {
    const plain = plainOf(one)
    return typeof name === 'string' && plain !== undefined ? [[name, plain] as const] : []
  })
  const arch = entries?.get('arch')
  const all = { ...(typeof arch === 'string' ? { arch } : {}), ...Object.fromEntries(named) }
  return Object.keys(all).length > 0 ? all : undefined
}

const byName = (path: string, tensors: readonly (readonly [string, Stored])[]): E.Either<Failure, TensorFile['tensors']> => {
  const all = new Map<string, Stored>()
  for (const [given, stored] of tensors) {
    const name = withoutWrappers(given)
    if (all.has(name)) return E.left(unusable(path, `two of its tensors are called ${name}`))
    all.set(name, stored)
  }
  return E.right(all)
}

const torchFile = (path: string, { value, read }: TorchCheckpoint): E.Either<Failure, TensorFile> => {
  const { tensors, containers } = tensorsBelow(value)
  if (tensors.length === 0) {
    const parts = [...(namedEntries(value)?.keys() ?? [])].slice(0, 10)
    return E.left(
      unusable(
        path,
        `it holds no dict of tensors${namedEntries(value) === undefined ? '' : `; its parts are ${parts.join(', ') || 'none'}`}`,
      ),
    )
  }
  const stored = tensors.map(
    ([name, tensor]) =>
      [
        name,
        E.isLeft(tensor)
          ? { dtype: undefined, read: TE.left(unusable(path, `${name}: ${tensor.left}`)) }
          : { dtype: tensor.right.storage.dtype, read: read(tensor.right) },
      ] as const,
  )
  return pipe(
    byName(path, stored),
    E.map((all) => ({ tensors: all, containers, metadata: {}, args: argsIn(value) })),
  )
}

const safetensorsFile = (path: string): TE.TaskEither<Failure, TensorFile> =>
  pipe(
    readSafetensors(path, 'the weights'),
    TE.chainEitherK(E.mapLeft((why) => unusable(path, why))),
    TE.chainEitherK(({ tensors, metadata }) =>
      pipe(
        byName(
          path,
          [...tensors].map(([name, entry]) => [name, { dtype: entry.dtype, read: TE.right(entry) }] as const),
        ),
        E.map((all) => ({ tensors: all, containers: [''], metadata, args: undefined })),
      ),
    ),
  )

/** Opens a file for as long as `use` takes. */
export const withTensors = <A>(path: string, use: (file: TensorFile) => TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  pipe(
    kindOf(path),
    TE.chain((kind) => {
      if (kind === 'text') return TE.left(unusable(path, 'it is neither a safetensors file nor a checkpoint of PyTorch'))
      return kind === 'torch'
        ? withTorchCheckpoint(path, (checkpoint) => TE.chain(use)(TE.fromEither(torchFile(path, checkpoint))))
        : TE.chain(use)(safetensorsFile(path))
    }),
  )
