/** A step whose loss or gradients aren't finite, in one safetensors file with all that it takes: it can be run again without the data. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Step } from '../engine/eager/replay'
import { writeAtomically } from '../io/files'
import { parts } from '../io/safetensors'
import { readSafetensors } from '../io/safetensorsFile'
import type { WeightSpecs } from '../nn/layer'
import type { Span } from '../ops/schedule/kind'
import { type Batch, batchOfNames, namedBatch } from '../program/batch'
import { below, under } from '../program/stateNames'
import type { RunFolder } from './folder'

export interface Bundle extends Step {
  /** Which step it was, from 1. */
  readonly done: number
  readonly span: Span
  readonly channels: 1 | 3
}

const FORMAT = 'ibot-step-1'

export const bundlePath = ({ path }: Pick<RunFolder, 'path'>): string => join(path, 'non-finite-step.safetensors')
/** What earlier versions called it. */
const formerPath = ({ path }: Pick<RunFolder, 'path'>): string => join(path, 'lost-step.safetensors')

/** Writes it into the run's folder. */
export const writeBundle = (
  folder: RunFolder,
  specs: WeightSpecs,
  shape: Batch<readonly number[]>,
  { state, batch, numbers, done, span, channels }: Bundle,
): TE.TaskEither<Failure, void> => {
  const shapes: Readonly<Record<string, readonly number[]>> = {
    ...below('state', Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.shape]))),
    ...below('batch', namedBatch(shape)),
  }
  const arrays = { ...below('state', state), ...below('batch', namedBatch(batch)) }
  const entries = Object.entries(shapes).map(
    ([name, shape]) => [name, { dtype: 'F32', shape, data: Float32Array.from(arrays[name]!) }] as const,
  )
  const about = JSON.stringify({ done, span, channels, numbers })
  return writeAtomically(bundlePath(folder), parts(entries, { format: FORMAT, step: about }))
}

const isThere = (path: string): TE.TaskEither<Failure, boolean> =>
  TE.fromTask(() =>
    access(path).then(
      () => true,
      () => false,
    ),
  )

/** Where the step of a run is. */
const foundIn = (folder: RunFolder): TE.TaskEither<Failure, string> =>
  pipe(
    [bundlePath(folder), formerPath(folder)],
    TE.traverseSeqArray((path) => TE.map((there: boolean) => (there ? [path] : []))(isThere(path))),
    TE.chainEitherK((found) =>
      E.fromNullable(
        missing(
          `the run in ${folder.path} has had no non-finite step: there is no ${bundlePath(folder)}`,
          'A run that ends with a non-finite loss or gradient (exit code 4) writes it.',
        ),
      )(found.flat()[0]),
    ),
  )

/** Reads it from the run's folder. */
export const readBundle = (folder: RunFolder): TE.TaskEither<Failure, Bundle> =>
  pipe(
    TE.Do,
    TE.bind('path', () => foundIn(folder)),
    TE.bind('content', ({ path }) => readSafetensors(path, 'the non-finite step')),
    TE.chainEitherK(({ path, content }) => {
      const damaged = (why: string) =>
        E.left(missing(`${path} can't be run again: ${why}`, 'Run the pipeline again to have it written again.'))
      if (E.isLeft(content)) return damaged(content.left)
      const { tensors, metadata } = content.right
      if (metadata.format !== FORMAT || metadata.step === undefined) return damaged('another version of ibot wrote it')
      const arrays = Object.fromEntries([...tensors].map(([name, { data }]) => [name, data as Float32Array]))
      const batch = batchOfNames(under('batch', arrays))
      if (batch === undefined) return damaged('a part of its batch is lacking')
      const { done, span, channels, numbers } = JSON.parse(metadata.step) as Omit<Bundle, keyof Step> & Pick<Step, 'numbers'>
      return E.right({ done, span, channels, numbers, state: under('state', arrays), batch })
    }),
  )
