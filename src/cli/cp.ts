/** `ibot cp`: a recipe as a file of one's own. */
import * as fs from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command, pathWord } from '../base/command'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { makeFolders } from '../base/makeFolders'
import { printable } from '../base/printable'
import type { CpOptions } from './command/cp'
import { type Recipe, recipeOf, recipeText } from './recipes'
import { type Outcome, reportAs } from './report'
import { out } from './terminal'

const isFolder = (path: string): Promise<boolean> =>
  fs.stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** A folder takes the recipe under its own name. */
const targetOf = async ({ path }: Recipe, file: string | undefined): Promise<string> => {
  if (file === undefined) return basename(path)
  return file.endsWith('/') || file.endsWith(sep) || (await isFolder(file)) ? join(file, basename(path)) : file
}

/** Its first line names the schema beside the recipes; that of the copy leads there from where it lies. */
const copied = (recipe: Recipe, target: string): string => {
  const schema = relative(dirname(target), join(recipe.path, ...recipe.name.split('/').map(() => '..'), 'schema.json'))
  return recipeText(recipe).replace(
    /^(# yaml-language-server: \$schema=).*/,
    (_, key: string) => `${key}${schema.split(sep).join('/')}`,
  )
}

const write =
  (recipe: Recipe, file: string | undefined): TE.TaskEither<Failure, string> =>
  async () => {
    const target = await targetOf(recipe, file)
    try {
      await makeFolders(dirname(target))
      await fs.writeFile(target, copied(recipe, target), { flag: 'wx' })
      return E.right(target)
    } catch (error) {
      return E.left(
        (error as NodeJS.ErrnoException).code === 'EEXIST'
          ? missing(`${target} exists, and nothing is overwritten`, 'Name another file: ibot cp RECIPE FILE.')
          : fileFailure(`cannot write ${target}`)(error),
      )
    }
  }

export const cp =
  (name: string, file: string | undefined, { json = false }: CpOptions): Outcome =>
  async () => {
    const result = await pipe(
      TE.fromEither(recipeOf(name)),
      TE.bindTo('recipe'),
      TE.bind('file', ({ recipe }) => write(recipe, file)),
    )()
    if (E.isLeft(result)) return reportAs(json, result.left)
    const { recipe, file: target } = result.right
    out.write(
      json
        ? `${JSON.stringify({ ok: true, recipe: recipe.name, file: target })}\n`
        : `${printable(target)}\n    ${out.colors.dim(printable(command('ibot', 'check', pathWord(target))))}\n`,
    )
    return 0
  }
