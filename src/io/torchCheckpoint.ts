/** Checkpoints of PyTorch (`.pth`, `.pt`, `.bin`), in both formats of `torch.save`, read without Python and without running anything in them. */
import type { FileHandle } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { type Entry, elementBytes } from './dtype'
import { fileFailure } from './files'
import type { Value } from './pickle'
import { openRegular } from './regular'
import { isSound, readArchive } from './torch/archive'
import { type Layout, type Place, readBytes } from './torch/layout'
import { readLegacy } from './torch/legacy'
import { gathered, rangeOf, type StoredTensor } from './torch/tensor'

export { type StoredTensor, tensorOf } from './torch/tensor'

export interface TorchCheckpoint {
  /** What was saved; its tensors are told by `tensorOf`. */
  readonly value: Value
  /** The elements of a tensor, read from its place in the file. F16 and BF16 come widened to F32. */
  readonly read: (tensor: StoredTensor) => TE.TaskEither<Failure, Entry>
}

const unreadable = (path: string, why: string): Failure =>
  missing(
    `${path} can't be read: ${why}`,
    'Copy or download it again. If it is sound, save only its tensors, in Python: torch.save(model.state_dict(), PATH)',
  )

const ZIP = [0x50, 0x4b]
const PICKLE = 0x80

const layoutOf = async (file: FileHandle, size: number): Promise<E.Either<string, Layout>> => {
  const [first, second] = await readBytes(file, 0, 2)
  if (first === undefined) return E.left('it is empty')
  if (first === ZIP[0] && second === ZIP[1]) return readArchive(file, size)
  return first === PICKLE ? readLegacy(file, size) : E.left('it is no checkpoint of PyTorch')
}

/** The longest storage that is read in full for its checksum where only a part of it is asked for. */
const WINDOW = 2 ** 26

/** Reads parts of storages. The first time, a storage's checksum is compared too, unless it is long and only a part is asked for. */
const reader = (file: FileHandle, storages: ReadonlyMap<string, Place>) => {
  const sound = new Set<string>()
  return async (key: string, from: number, length: number): Promise<E.Either<string, Uint8Array>> => {
    const place = storages.get(key)!
    const bytes = await readBytes(file, place.begin + from, length)
    if (bytes.length < length) return E.left(`storage ${key} is cut off`)
    const whole = length === place.length
    if (sound.has(key) || (!whole && place.length > WINDOW)) return E.right(bytes)
    if (!isSound(whole ? bytes : await readBytes(file, place.begin, place.length), place))
      return E.left(`storage ${key} is damaged: its checksum is another`)
    sound.add(key)
    return E.right(bytes)
  }
}

/** Errors of the file system have a system call; others come from the archive. */
const failureOf =
  (path: string) =>
  (error: unknown): Failure =>
    error instanceof Error && !('syscall' in error) ? unreadable(path, error.message) : fileFailure(`cannot read ${path}`)(error)

const opened = async (path: string, file: FileHandle): Promise<E.Either<Failure, TorchCheckpoint>> => {
  const layout = await layoutOf(file, (await file.stat()).size)
  if (E.isLeft(layout)) return E.left(unreadable(path, layout.left))
  const { value, storages } = layout.right
  const bytesOf = reader(file, storages)
  return E.right({
    value,
    read: (tensor) =>
      pipe(
        TE.tryCatch(() => {
          const size = elementBytes(tensor.storage.dtype)
          const { from, count } = rangeOf(tensor)
          return bytesOf(tensor.storage.key, from * size, count * size)
        }, failureOf(path)),
        TE.chainEitherK(
          E.bimap(
            (why) => unreadable(path, why),
            (bytes) => gathered(tensor, bytes),
          ),
        ),
      ),
  })
}

/**
 * Opens a checkpoint for as long as `use` takes. All that its description says is checked first: what it names, and that
 * every storage is there in its full length. A file that isn't sound is a failure that names it and says why.
 */
export const withTorchCheckpoint = <A>(
  path: string,
  use: (checkpoint: TorchCheckpoint) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> =>
  TE.bracket(
    TE.tryCatch(() => openRegular(path), fileFailure(`cannot read ${path}`)),
    (file) =>
      pipe(
        TE.tryCatch(() => opened(path, file), failureOf(path)),
        TE.chain(TE.fromEither),
        TE.chain(use),
      ),
    (file) => TE.tryCatch(() => file.close(), fileFailure(`cannot close ${path}`)),
  )
