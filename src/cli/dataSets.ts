/** The data sets that a path stands for: those of a pipeline, or the one that lies there. */
import { statSync } from 'node:fs'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { meaningOf } from '../dsl/meaning'
import { type Op, opName } from '../dsl/type'
import { imageFolder, imageList, npy, parquet, tarShards } from '../ops/data'
import { registry } from '../ops/registry'
import { type OpenSource, source } from '../ops/source/kind'
import type { DataOptions } from './command/data'
import { openRegistry } from './ops'
import { readPipeline } from './pipeline'

export interface DataSet {
  /** What it is for in the pipeline, or the op that reads it. */
  readonly role: string
  readonly open: OpenSource
}

/** By the ending of a file's name, the source that reads it. */
const READERS: readonly (readonly [ending: RegExp, reader: (path: string) => Op<'source'>])[] = [
  [/\.(csv|tsv|txt)$/i, imageList],
  [/\.(tar|tgz|tar\.gz)$/i, tarShards],
  [/\.parquet$/i, parquet],
  [/\.npy$/i, npy],
]

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** What reads what lies at a path, as its kind or its ending says; undefined for anything else. */
export const readerOf = (path: string): ((path: string) => Op<'source'>) | undefined =>
  isFolder(path) ? imageFolder : READERS.find(([ending]) => ending.test(path))?.[1]

const ofPipeline = (file: string, { ops, ...edits }: DataOptions): TE.TaskEither<Failure, readonly DataSet[]> =>
  pipe(
    openRegistry(ops),
    TE.chain((known) => readPipeline(known, file, edits)),
    TE.map(({ design: { dataset, probes } }) => [
      { role: dataset.name, open: dataset.meaning },
      ...probes.flatMap(({ name, meaning }) =>
        Object.entries({ ...meaning.augmented, ...meaning.sets }).flatMap(([set, { source: open }]) =>
          open === undefined ? [] : [{ role: `${name}.${set}`, open }],
        ),
      ),
    ]),
  )

/** A folder or a file of data stands for itself; any other file is a pipeline. */
export const dataSetsOf = (path: string, options: DataOptions): TE.TaskEither<Failure, readonly DataSet[]> => {
  const reader = readerOf(path)
  if (reader === undefined) return ofPipeline(path, options)
  const op = reader(path)
  return TE.right([{ role: opName(op), open: meaningOf(registry, source, op) as OpenSource }])
}
