/** The axes of a sweep: a `--set` with several values, separated by commas, is one. */
import * as E from 'fp-ts/Either'
import { isSeq, type ParsedNode } from 'yaml'
import type { LocatedProblem } from '../base/failure'
import { flow } from '../dsl/print'
import { problemAt, readSource } from '../dsl/source'
import type { Json } from '../dsl/type'

export interface Axis {
  /** As `--set` takes it: `vit.depth`. */
  readonly path: string
  /** Each as YAML on one line, so that 1e-3 and 0.001 are the same. */
  readonly values: readonly string[]
}

export interface Axes {
  /** The first changes most slowly. */
  readonly axes: readonly Axis[]
  /** The `--set` of all runs in their order: those of an axis by its path, the others as they are. */
  readonly template: readonly (string | Pick<Axis, 'path'>)[]
}

export interface AskedAxes {
  readonly set: readonly string[]
  /** How many seeds, from 0 on. */
  readonly seeds?: number | undefined
  /** Paths that are axes even with a single value: those of a sweep that goes on. */
  readonly known?: readonly string[] | undefined
}

const SET = '--set'
const SEED = 'train.seed'

const problem = (text: string, range: readonly [number, number], message: string, suggestion: string): LocatedProblem =>
  problemAt({ file: SET, text }, range, { code: 'unfit-grid', path: [], at: 'value', message, suggestion })

/**
 * The values in a text, each as it is written: those of a list in YAML without its brackets. So a value that is a list or has a
 * comma keeps them within brackets or quotes: `[10, 20]` is one value, `[10, 20], [5]` are two, `"a,b"` is one.
 */
export const splitValues = (text: string): readonly string[] | undefined => {
  if (!text.includes(',')) return [text]
  const list = `[${text}]`
  const read = readSource(SET, list)
  // An empty place behind the last comma isn't an item to YAML.
  if (E.isLeft(read) || !isSeq(read.right.root) || text.trimEnd().endsWith(',')) return undefined
  return read.right.root.items.map((item) => {
    const [from, to] = (item as ParsedNode).range
    return list.slice(from, to)
  })
}

/** A value as it is printed everywhere; one that isn't YAML as it stands, for the pipeline to complain of. */
const canonical = (text: string): string => {
  const read = readSource(SET, text)
  return E.isLeft(read) ? text : flow(read.right.value as Json)
}

interface Setting {
  readonly argument: string
  /** Undefined where there is no `=`. */
  readonly path: string | undefined
  readonly values: readonly string[] | undefined
}

const settingOf = (argument: string): Setting => {
  const equals = argument.indexOf('=')
  return equals < 0
    ? { argument, path: undefined, values: [argument] }
    : { argument, path: argument.slice(0, equals), values: splitValues(argument.slice(equals + 1)) }
}

const NOTHING_VARIES: LocatedProblem = problem(
  '',
  [0, 0],
  'nothing varies from run to run',
  "give several values: '--set vit.depth=2,4', or '--seeds 3'; for a single run: ibot run FILE",
)

/** Which `--set` are axes, and which are the same in all runs; or what is wrong with them. */
export const axesOf = ({ set, seeds, known = [] }: AskedAxes): E.Either<readonly LocatedProblem[], Axes> => {
  const settings = set.map(settingOf)
  const isAxis = ({ path, values }: Setting): boolean =>
    path !== undefined && values !== undefined && (values.length > 1 || known.includes(path))
  const own = settings.filter(isAxis).map(({ path, values }): Axis => ({ path: path!, values: values!.map(canonical) }))
  const bySeeds: readonly Axis[] =
    seeds === undefined ? [] : [{ path: SEED, values: Array.from({ length: seeds }, (_, seed) => String(seed)) }]
  const axes = [...own, ...bySeeds]
  const problems = settings.flatMap((setting, i): readonly LocatedProblem[] => {
    const { argument, path, values } = setting
    const from = (path?.length ?? -1) + 1
    if (values === undefined)
      return [
        problem(
          argument,
          [from, argument.length],
          "the values between the commas can't be told apart",
          'put a value that has a comma, a bracket or a colon in it between quotes, and one between any two commas',
        ),
      ]
    const twice = values.map(canonical).find((value, at, all) => all.indexOf(value) !== at)
    if (twice !== undefined)
      return [problem(argument, [from, argument.length], `the value ${twice} stands twice`, 'name each value once')]
    const again =
      path !== undefined && (settings.findIndex((one) => one.path === path) !== i || (path === SEED && seeds !== undefined))
    return again
      ? [problem(argument, [0, path.length], `'${path}' is set twice`, `name all its values at once: --set ${path}=1,2`)]
      : []
  })
  if (problems.length > 0) return E.left(problems)
  if (axes.length === 0) return E.left([NOTHING_VARIES])
  const template = settings.map((one) => (isAxis(one) ? { path: one.path! } : one.argument))
  return E.right({ axes, template: [...template, ...bySeeds] })
}
