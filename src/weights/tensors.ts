/** The tensors of a file by the names that it has for them: a safetensors file, or a checkpoint of PyTorch. */
import { open } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { NETWORKS, type NetworkName } from '../base/networks'
import type { Entry } from '../io/dtype'
import { fileFailure } from '../io/files'
import type { Value } from '../io/pickle'
import { readSafetensors } from '../io/safetensorsFile'
import { type StateDict, stateDictOf } from '../io/torch/official'
import { namedEntries } from '../io/torch/plain'
import { type StoredTensor, type TorchCheckpoint, withTorchCheckpoint } from '../io/torchCheckpoint'

/** Tensors by their names, without those of wrappers (`module.`). */
export type Tensors = ReadonlyMap<string, Entry>

export type FileKind = 'torch' | 'safetensors' | 'text'

/** What a file is, from its first bytes: a length (of less than 4 GB) before a brace, a ZIP archive or a pickle, or none of these. */
export const kindOf = (path: string): TE.TaskEither<Failure, FileKind> =>
  TE.tryCatch(
    async () => {
      const file = await open(path, 'r')
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

export const unusable = (path: string, why: string): Failure =>
  missing(
    `${path} can't be used: ${why}`,
    'Name a checkpoint of the official code, a state dict saved by PyTorch, or a safetensors file with the names of iBOT, timm or Hugging Face.',
  )

/** Under which names state dicts are kept beside other things. */
const WRAPPERS = ['state_dict', 'model', 'model_state_dict', 'module', 'network']

/** The state dict in a value: that of the network that is asked for, or the only one. */
const stateDictIn = (value: Value, network: NetworkName): E.Either<string, StateDict> => {
  const entries = namedEntries(value)
  const own = entries?.get(network)
  if (own !== undefined) return stateDictOf(own) ?? E.left(`its ${network} is no dict of tensors`)
  const whole = stateDictOf(value)
  if (whole !== undefined) return whole
  const other = NETWORKS.find((name) => entries?.has(name))
  if (other !== undefined) return E.left(`it has no ${network}, only a ${other}`)
  for (const name of WRAPPERS) {
    const inner = stateDictOf(entries?.get(name))
    if (inner !== undefined) return inner
  }
  const parts = entries === undefined ? '' : `; its parts are ${[...entries.keys()].slice(0, 10).join(', ') || 'none'}`
  return E.left(`it holds no dict of tensors${parts}`)
}

/** Reads tensors one after another. */
export const readTensors =
  (read: TorchCheckpoint['read']) =>
  (tensors: Iterable<readonly [string, StoredTensor]>): TE.TaskEither<Failure, Tensors> =>
    pipe(
      [...tensors],
      TE.traverseSeqArray(([name, tensor]) => TE.map((entry: Entry) => [name, entry] as const)(read(tensor))),
      TE.map((pairs) => new Map(pairs)),
    )

const torchTensors = (path: string, network: NetworkName): TE.TaskEither<Failure, Tensors> =>
  withTorchCheckpoint(path, ({ value, read }) =>
    pipe(
      TE.fromEither(stateDictIn(value, network)),
      TE.mapLeft((why) => unusable(path, why)),
      TE.chain(readTensors(read)),
    ),
  )

const safetensorsTensors = (path: string, network: NetworkName): TE.TaskEither<Failure, Tensors> =>
  pipe(
    readSafetensors(path, 'the weights'),
    TE.chainEitherK(E.mapLeft((why) => unusable(path, why))),
    TE.map(({ tensors }) => {
      const all = [...tensors].map(([name, entry]) => [name.replace(/^(module\.)+/, ''), entry] as const)
      // A checkpoint of ibot holds both networks, the moments and the centres.
      const both = NETWORKS.some((name) => all.some(([key]) => key.startsWith(`${name}.backbone.`)))
      return new Map(
        both
          ? all.flatMap(([key, entry]) => (key.startsWith(`${network}.`) ? [[key.slice(network.length + 1), entry]] : []))
          : all,
      )
    }),
  )

/** The tensors of a file, of one of its networks where it has both. */
export const tensorsOf = (path: string, network: NetworkName): TE.TaskEither<Failure, Tensors> =>
  pipe(
    kindOf(path),
    TE.chain((kind) => {
      if (kind === 'text') return TE.left(unusable(path, 'it is neither a safetensors file nor a checkpoint of PyTorch'))
      return kind === 'torch' ? torchTensors(path, network) : safetensorsTensors(path, network)
    }),
  )
