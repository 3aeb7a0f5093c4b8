/** Labels as people write them, numbers of classes or their names, as numbers of classes. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { byCodePoint } from './codePoints'

export interface Labels {
  /** Names of the classes, in the order of their numbers. */
  readonly classes: readonly string[]
  /** The class number of each picture. */
  readonly numbers: Int32Array
}

/** No data set has more classes; a number beyond is no class. */
const MOST_CLASSES = 1_000_000

const isNumber = (label: string): boolean => /^[+-]?\d+(\.\d*)?$/.test(label)
const isClassNumber = (label: string): boolean => /^\d{1,7}$/.test(label) && Number(label) < MOST_CLASSES

/** Numbers as names, 0 to the highest of them. */
export const numbered = (highest: number): readonly string[] => Array.from({ length: highest + 1 }, (_, i) => `${i}`)

const noClass = (label: string, place: string, classes: readonly string[] | undefined): Failure =>
  missing(
    `${place} has the label '${label}', which is no class${classes === undefined ? '' : ` of the ${classes.length} that are named`}`,
    classes === undefined
      ? `Labels are whole numbers from 0 to ${(MOST_CLASSES - 1).toLocaleString('en-US')}, or names of classes.`
      : 'Name all classes, or leave the names out.',
  )

/** What each label that occurs means; the names that it is looked up in are those given, or what occurs. */
const dictionary = (
  distinct: readonly string[],
  given: readonly string[] | undefined,
): { readonly classes: readonly string[]; readonly numberOf: (label: string) => number | undefined } => {
  if (given === undefined && distinct.every(isClassNumber))
    return { classes: numbered(distinct.reduce((most, label) => Math.max(most, Number(label)), 0)), numberOf: Number }
  const classes = given ?? [...distinct].sort(byCodePoint)
  const numbers = new Map(classes.map((name, number) => [name, number]))
  const numberOf = (label: string): number | undefined => {
    if (given === undefined && isNumber(label) && !isClassNumber(label)) return undefined
    return numbers.get(label) ?? (isClassNumber(label) && Number(label) < classes.length ? Number(label) : undefined)
  }
  return { classes, numberOf }
}

/**
 * The classes of labels. With `classes`, a label is one of these names, or a number below their count. Without, labels are all
 * numbers, from 0, or all names, whose order is that of their code points. `placeOf(i)` says where label i stands.
 */
export const readLabels = (
  written: readonly string[],
  given: readonly string[] | undefined,
  placeOf: (i: number) => string,
): E.Either<Failure, Labels> => {
  const distinct = [...new Set(written)]
  const { classes, numberOf } = dictionary(distinct, given)
  const known = new Map(distinct.map((label) => [label, numberOf(label)]))
  const wrong = written.findIndex((label) => known.get(label) === undefined)
  if (wrong !== -1) return E.left(noClass(written[wrong]!, placeOf(wrong), given))
  return E.right({ classes, numbers: Int32Array.from(written, (label) => known.get(label)!) })
}

/** The classes of labels that are numbers; with `classes`, below their count. `placeOf(i)` says where label i stands. */
export const numberLabels = (
  written: readonly number[],
  given: readonly string[] | undefined,
  placeOf: (i: number) => string,
): E.Either<Failure, Labels> => {
  const limit = given?.length ?? MOST_CLASSES
  const wrong = written.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < limit))
  if (wrong !== -1) return E.left(noClass(`${written[wrong]}`, placeOf(wrong), given))
  const classes = given ?? numbered(written.reduce((most, label) => Math.max(most, label), 0))
  return E.right({ classes, numbers: Int32Array.from(written) })
}

/** What a fingerprint takes in of labels. */
export const labelParts = (labels: Labels | undefined): readonly (string | Uint8Array)[] =>
  labels === undefined ? [] : [...labels.classes, new Uint8Array(labels.numbers.buffer)]
