/** The pipeline that a folder's network is of: a run's, or that of an import of weights alone. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { isThere } from '../base/isThere'
import { readFile } from '../io/files'
import { runFolder } from './folder'

export interface PipelineFile {
  readonly path: string
  readonly text: string
  /** Whether a run is in the folder; else its pipeline only starts from weights. */
  readonly isRun: boolean
}

/** Whether there is a run in a folder, or at least a pipeline that says which weights it starts from. */
export const hasNetwork = async (folder: string): Promise<boolean> => {
  const { resolved, given } = runFolder(folder)
  return (await isThere(resolved)) || (await isThere(given))
}

/** The pipeline in a folder. */
export const readPipelineIn = (folder: string): TE.TaskEither<Failure, PipelineFile> => {
  const { resolved, given } = runFolder(folder)
  return pipe(
    TE.fromTask<boolean, Failure>(() => isThere(resolved)),
    TE.chain((isRun) => {
      const path = isRun ? resolved : given
      return TE.map((bytes: Uint8Array) => ({ path, text: new TextDecoder().decode(bytes), isRun }))(
        readFile(path, "the run's pipeline"),
      )
    }),
  )
}
