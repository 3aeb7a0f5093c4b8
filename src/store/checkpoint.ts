/** A checkpoint: the whole state of a run in one safetensors file, from which it goes on exactly. */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { InterpreterState } from '../engine/interpreter'
import { writeAtomically } from '../io/files'
import { parts } from '../io/safetensors'
import { readSafetensors, type SafetensorsFile } from '../io/safetensorsFile'
import type { WeightSpecs } from '../nn/layer'
import { currentProgress } from './oldRuns'
import type { Progress } from './progress'

export interface Saved {
  readonly state: InterpreterState
  readonly progress: Progress
}

/**
 * Two checksums (SHA-256, hexadecimal) cover every byte of a checkpoint: `arrays` is that of all tensors' bytes one after
 * another, in the order of their names; `header` is that of all bytes before them, itself taken as zeros.
 */
interface Metadata {
  readonly format: string
  readonly progress: string
  readonly arrays: string
  readonly header: string
}

const VERSION = 2
const FORMAT = 'ibot-checkpoint-'

/** How much is looked at before others get their turn, in bytes: a few milliseconds. */
const SLICE = 2 ** 22

/** SHA-256 of bytes in parts. Steps, signals and files get their turn in between. */
const digestOf = async (all: readonly Uint8Array[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const part of all)
    for (let from = 0; from < part.length; from += SLICE) {
      hash.update(part.subarray(from, from + SLICE))
      await setImmediate()
    }
  return hash.digest('hex')
}

const fieldOf = (sum: string): string => `"header":"${sum}"`
const NONE = '0'.repeat(64)

/** The checksum of a header that holds `sum` as its own. A field's text is found once only: inside of texts quotes are escaped. */
const headerSum = (header: Uint8Array, sum: string): string => {
  const bytes = Buffer.from(header)
  const at = bytes.indexOf(fieldOf(sum))
  // A text with signs that are written otherwise in a header is no checksum.
  if (at === -1) return ''
  bytes.write(fieldOf(NONE), at)
  return createHash('sha256').update(bytes).digest('hex')
}

const seal = (header: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(header)
  const sum = headerSum(header, NONE)
  bytes.write(fieldOf(sum), bytes.indexOf(fieldOf(NONE)))
  return bytes
}

/** Writes a checkpoint, with what its metadata say of the networks (`description` in src/weights); gives the SHA-256 of all tensors. */
export const saveCheckpoint = (
  path: string,
  specs: WeightSpecs,
  { state, progress }: Saved,
  about: Readonly<Record<string, string>> = {},
): TE.TaskEither<Failure, { readonly sha256: string }> => {
  const entries = Object.entries(specs).map(([name, { shape }]) => [name, { dtype: 'F32', shape, data: state[name]! }] as const)
  const laidOut = (sha256: string) => {
    const metadata: Metadata = { format: `${FORMAT}${VERSION}`, progress: JSON.stringify(progress), arrays: sha256, header: NONE }
    return parts(entries, { ...about, ...metadata })
  }
  return pipe(
    TE.fromTask(() => digestOf(laidOut(NONE).slice(1))),
    TE.chain((sha256) => {
      const [header, ...arrays] = laidOut(sha256)
      return pipe(
        writeAtomically(path, [seal(header), ...arrays]),
        TE.map(() => ({ sha256 })),
      )
    }),
  )
}

/** Which version of the format a file says that it has. */
const versionOf = ({ metadata: { format = '' } }: SafetensorsFile): number =>
  format.startsWith(FORMAT) && /^[1-9]\d*$/.test(format.slice(FORMAT.length)) ? Number(format.slice(FORMAT.length)) : 0

/** Why a whole checkpoint can't be read at all: a newer version of ibot has written it, in a format of its own. */
const newerThanThis = (path: string, file: SafetensorsFile): Failure | undefined =>
  versionOf(file) > VERSION && headerSum(file.header, file.metadata.header ?? '') === file.metadata.header
    ? missing(
        `${path} has version ${versionOf(file)} of the format of checkpoints, and this ibot reads up to version ${VERSION}`,
        'Use the version of ibot that wrote it, or a newer one.',
      )
    : undefined

/** What is wrong with the bytes of a checkpoint. */
const damageOf = (file: SafetensorsFile): string | undefined => {
  const { header, metadata, sha256 } = file
  const isOurs = versionOf(file) > 0 && versionOf(file) <= VERSION
  if (!isOurs || metadata.header === undefined || metadata.progress === undefined)
    return 'it is no checkpoint of this version of ibot'
  if (headerSum(header, metadata.header) !== metadata.header)
    return "its header doesn't have the checksum that it was written with"
  return sha256 === metadata.arrays ? undefined : "its tensors don't have the checksum that they were written with"
}

/** Which of these tensors a checkpoint doesn't hold. */
const lackOf = ({ tensors }: SafetensorsFile, specs: WeightSpecs): string | undefined => {
  for (const [name, { shape }] of Object.entries(specs)) {
    const entry = tensors.get(name)
    if (entry === undefined) return `it lacks ${name}`
    if (entry.dtype !== 'F32' || entry.shape.join() !== shape.join())
      return `${name} is [${entry.shape.join(', ')}], not [${shape.join(', ')}]`
  }
  return undefined
}

/** Why a whole checkpoint can't be resumed from: it is another pipeline's. */
const mismatchOf = (file: SafetensorsFile, specs: WeightSpecs): string | undefined => {
  const extra = [...file.tensors.keys()].find((name) => specs[name] === undefined)
  return lackOf(file, specs) ?? (extra === undefined ? undefined : `it holds ${extra}, which this pipeline doesn't have`)
}

/** Reads a checkpoint that must hold exactly these tensors; on the left inside, how it is damaged. */
export const readCheckpoint = (path: string, specs: WeightSpecs): TE.TaskEither<Failure, E.Either<string, Saved>> =>
  pipe(
    readSafetensors(path, 'the checkpoint'),
    TE.chainEitherK((content): E.Either<Failure, E.Either<string, Saved>> => {
      if (E.isLeft(content)) return E.right(content)
      const file = content.right
      const newer = newerThanThis(path, file)
      if (newer !== undefined) return E.left(newer)
      const damage = damageOf(file)
      if (damage !== undefined) return E.right(E.left(damage))
      const mismatch = mismatchOf(file, specs)
      if (mismatch !== undefined)
        return E.left(missing(`${path} can't be resumed from: ${mismatch}`, 'Resume with the pipeline that wrote it.'))
      const state = Object.fromEntries([...file.tensors].map(([name, { data }]) => [name, data as Float32Array]))
      return E.right(E.right({ state, progress: currentProgress(JSON.parse(file.metadata.progress!)) }))
    }),
  )

/** Reads some tensors of a checkpoint, whatever else it holds. */
export const readPart = (path: string, specs: WeightSpecs): TE.TaskEither<Failure, InterpreterState> =>
  pipe(
    readSafetensors(path, 'the checkpoint'),
    TE.chainEitherK((content): E.Either<Failure, InterpreterState> => {
      const newer = E.isLeft(content) ? undefined : newerThanThis(path, content.right)
      if (newer !== undefined) return E.left(newer)
      const damage = E.isLeft(content) ? content.left : damageOf(content.right)
      if (E.isLeft(content) || damage !== undefined)
        return E.left(missing(`${path} is damaged: ${damage}`, 'Move it away to take the one before it.'))
      const lack = lackOf(content.right, specs)
      if (lack !== undefined)
        return E.left(missing(`${path} is another pipeline's: ${lack}`, 'Put back the checkpoints of this run.'))
      const { tensors } = content.right
      return E.right(Object.fromEntries(Object.keys(specs).map((name) => [name, tensors.get(name)!.data as Float32Array])))
    }),
  )
