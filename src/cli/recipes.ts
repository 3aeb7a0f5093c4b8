/** The recipes that come with ibot: where they are, and what each is. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type Failure, rejected } from '../base/failure'
import { nearest } from '../dsl/nearest'
import { aboutFile } from './file'

const FOLDER = join(__dirname, '..', '..', 'pipelines')
const ENDING = '.yaml'

export interface Recipe {
  /** Its file below the folder of recipes, without the ending: `quickstart`, `eval/transfer-cars`. */
  readonly name: string
  readonly path: string
}

/** All recipes, those for evaluation last. */
export const recipes = (): readonly Recipe[] =>
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .map((file) => ({ name: file.slice(0, -ENDING.length).replaceAll('\\', '/'), path: join(FOLDER, file) }))
    .sort((a, b) => Number(a.name.includes('/')) - Number(b.name.includes('/')) || (a.name < b.name ? -1 : 1))

export const recipeText = ({ path }: Recipe): string => readFileSync(path, 'utf8')

/** The first sentence of the comment at its head. */
export const gistOf = (text: string): string => {
  const lines = text.split('\n').slice(2)
  const paragraph = lines.slice(0, lines.indexOf('#')).map((line) => line.replace(/^# ?/, ''))
  return /^.*?[.:](?= |$)/.exec(paragraph.join(' '))?.[0].replace(/[.:]$/, '') ?? ''
}

/** The recipe of a name, with or without its ending and folder. */
export const recipeOf = (name: string): E.Either<Failure, Recipe> => {
  const all = recipes()
  const plain = name.replace(/^pipelines\//, '').replace(/\.ya?ml$/, '')
  const found = all.find((one) => one.name === plain) ?? all.find((one) => one.name === `eval/${plain}`)
  if (found !== undefined) return E.right(found)
  const guess = nearest(
    plain,
    all.map((one) => one.name),
  )
  const suggestion = guess === undefined ? "'ibot ls' lists them" : `did you mean '${guess}'? 'ibot ls' lists them`
  return E.left(rejected([aboutFile(name, 'no-recipe', `there is no recipe '${name}'`, suggestion)]))
}
