/** A pipeline document: its value, and the place in a text of every part of it. */
import * as E from 'fp-ts/Either'
import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode } from 'yaml'
import type { LocatedProblem, Problem } from '../base/failure'
import { problemAt, readSource, type Source } from './source'

export type Path = readonly (string | number)[]

/** A value that was set from outside, e.g. with `--set path=value`, and the text in which it was written. */
export interface Override {
  readonly steps: readonly Step[]
  readonly source: Source
  /** The index of the first step that led to nothing before; -1 if there was something at the end of the path. */
  readonly added: number
}

/** A key or an index in a path that a user wrote, and where it stands in the text. */
export interface Step {
  readonly name: string
  readonly range: readonly [number, number]
}

export interface Document {
  readonly source: Source
  /** The value with all overrides in it. */
  readonly value: unknown
  /** In the order in which they were given. */
  readonly overrides: readonly Override[]
  /** Paths of items of lists that were removed before anything was set, one after the other: those behind moved up. */
  readonly removed: readonly Path[]
}

/** Reads a document; mistakes in the YAML itself are told alone, since they make all else look wrong. */
export const readDocument = (file: string, text: string): E.Either<readonly LocatedProblem[], Document> => {
  const source = readSource(file, text)
  if (E.isLeft(source)) return source
  if (source.right.root === undefined)
    return E.left([
      problemAt(source.right, [0, 0], {
        code: 'empty-document',
        path: [],
        at: 'value',
        message: 'this file has no pipeline in it',
        suggestion: "begin with 'name: …' and 'pipeline:', followed by the list of stages",
      }),
    ])
  return E.right({ source: source.right, value: source.right.value, overrides: [], removed: [] })
}

/** The document as plain data. */
export const toValue = (document: Document): unknown => document.value

// -------------------------------------------------------------------------------------------------------- places

/** Where a problem stands: in which text (0 is the document, then the overrides), and from where to where. */
export interface Place {
  readonly order: number
  readonly source: Source
  readonly range: readonly [number, number]
  /** Within an alias: the range of the part of its value that the path leads to. */
  readonly meant?: readonly [number, number] | undefined
}

/** Whether a path leads to where the steps lead, or further. */
const startsWith = (path: Path, steps: readonly Step[]): boolean =>
  steps.length <= path.length && steps.every(({ name }, i) => name === String(path[i]))

/** A path in the value as it was written, before items were removed. */
const written = ({ removed }: Document, path: Path): Path =>
  removed.reduceRight<Path>((current, item) => {
    const depth = item.length - 1
    const moved = item.slice(0, depth).every((step, i) => String(step) === String(current[i]))
    return moved && Number(current[depth]) >= Number(item[depth]) ? current.with(depth, Number(current[depth]) + 1) : current
  }, path)

/** The place of a problem. */
export const placeOf = (document: Document, { path, at, code }: Problem): Place => {
  // A mapping that took one key too many: the added one is to blame.
  const tooMany = ({ steps, added }: Override): boolean =>
    code === 'wrong-value' && added === path.length && startsWith(path, steps.slice(0, added))
  const index = document.overrides.findLastIndex((one) => startsWith(path, one.steps) || tooMany(one))
  const override = document.overrides[index]
  if (override === undefined) return { order: 0, source: document.source, ...walk(document.source, written(document, path), at) }
  const { steps, source, added } = override
  const rest = path.slice(steps.length)
  const key = tooMany(override) ? steps[added] : rest.length === 0 && at === 'key' ? steps.at(-1) : undefined
  return { order: 1 + index, source, ...(key ? { range: key.range } : walk(source, rest, at)) }
}

/** Follows a path as far as it is written. Steps that are not are passed over: they belong to the longer form of a sugar. */
const walk = (source: Source, path: Path, at: 'key' | 'value'): Pick<Place, 'range' | 'meant'> => {
  const offset = ([from, to]: readonly [number, number]): readonly [number, number] => [source.start + from, source.start + to]
  let node: ParsedNode | undefined = source.root
  let range: readonly [number, number] = node ? [node.range[0], node.range[1]] : [0, source.text.length - source.start]
  let use: readonly [number, number] | undefined
  if (path.length === 0 && at === 'key' && isMap(node) && node.items[0]) range = nodeRange(node.items[0].key)
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) {
      use ??= nodeRange(node)
      node = source.aliases.get(node)
    }
    const last = i === path.length - 1
    const pair: Pair<ParsedNode, ParsedNode | null> | undefined = isMap(node)
      ? node.items.find((p) => isScalar(p.key) && String(p.key.value ?? '') === String(step))
      : undefined
    if (pair) {
      // A value of an alias is what the path leads to, unless the key is what is meant.
      range = (last && at === 'key') || !pair.value ? nodeRange(pair.key) : nodeRange(pair.value)
      node = pair.value ?? undefined
    } else if (isSeq(node) && Number.isInteger(Number(step))) {
      const item = node.items[Number(step)] as ParsedNode | undefined
      if (item === undefined) break
      range = nodeRange(item)
      node = item
    }
  }
  // A path that ends at an alias leads to all of what it stands for.
  const whole = isAlias(node) && at === 'value' && use === undefined ? source.aliases.get(node) : undefined
  if (whole) return { range: offset(range), meant: offset(nodeRange(whole)) }
  return use ? { range: offset(use), meant: offset(range) } : { range: offset(range) }
}

const nodeRange = (node: ParsedNode): readonly [number, number] => [node.range[0], node.range[1]]

/** Gives a problem its file, line, column and code frame. */
export const locate = (document: Document, problem: Problem): LocatedProblem => {
  const { source, range } = placeOf(document, problem)
  return problemAt(source, range, problem)
}

/** Locates problems in the order in which they stand, each once: what is wrong where it is written is not told again for an alias. */
export const locateAll = (document: Document, problems: readonly Problem[]): readonly LocatedProblem[] => {
  const placed = problems.map((problem, i) => ({ problem, place: placeOf(document, problem), i }))
  const written = new Set(placed.map(({ problem, place }) => keyOf(problem, place.order, place.meant ? undefined : place.range)))
  const told = new Set<string>()
  return placed
    .filter(({ problem, place: { order, range, meant } }) => {
      const key = `${keyOf(problem, order, range)} ${meant?.[0]}`
      const again = told.has(key) || (meant !== undefined && written.has(keyOf(problem, order, meant)))
      told.add(key)
      return !again
    })
    .sort((a, b) => a.place.order - b.place.order || a.place.range[0] - b.place.range[0] || a.i - b.i)
    .map(({ problem, place }) => problemAt(place.source, place.range, problem))
}

const keyOf = (problem: Problem, order: number, range: readonly [number, number] | undefined): string =>
  `${order}:${range?.[0]}:${problem.message}`
