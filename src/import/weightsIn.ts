/** The file that is meant where a folder is named: Hugging Face, timm and others publish one with weights and what belongs to them. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { listed } from '../base/listed'

/** Names of weights in a folder, the one that is taken first. */
const USUAL = ['model.safetensors', 'pytorch_model.bin', 'checkpoint.pth']
const WEIGHTS = /\.(?:safetensors|bin|pth|pt|ckpt)$/i

/** A file as it is; of a folder the weights in it, of which there must be one file or one of the usual name. */
export const weightsIn =
  (path: string): TE.TaskEither<Failure, string> =>
  async () => {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    if (!isFolder) return E.right(path)
    try {
      const names = (await readdir(path)).filter((name) => WEIGHTS.test(name)).sort()
      const name = USUAL.find((usual) => names.includes(usual)) ?? (names.length === 1 ? names[0] : undefined)
      if (name !== undefined) return E.right(join(path, name))
      return E.left(
        names.length === 0
          ? missing(`there are no weights in the folder ${path}`, 'Name a checkpoint or a file with weights.')
          : missing(`several files in ${path} hold weights`, `Name one of them: ${listed(names)}.`),
      )
    } catch (error) {
      return E.left(fileFailure(`cannot read the folder ${path}`)(error))
    }
  }
