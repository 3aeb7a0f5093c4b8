/** `--unset path`: a key of a document, or an item of a list, removed from outside, e.g. `--unset knn.every`. */
import * as E from 'fp-ts/Either'
import type { LocatedProblem } from '../base/failure'
import { shown } from './decode'
import type { Document, Path, Step } from './document'
import { nearest } from './nearest'
import { type Dead, indexIn, inFull, opened, resolve, stepsIn, wrongPath } from './override'
import type { Registry } from './registry'

/** What is left of a value, and the item of a list that went, if one did. A value of which nothing is left has none. */
interface Left {
  readonly value?: unknown
  readonly item?: Path
}

/**
 * Removes what a path leads to, whose steps are those of `override`: a parameter, so that its default holds; or an item of a
 * list. With the name of a stage the stage goes: `knn`.
 */
export const unset = (
  registry: Registry,
  document: Document,
  option: string,
  argument: string,
): E.Either<readonly LocatedProblem[], Document> => {
  const refuse = wrongPath(option, argument)
  const steps = argument.includes('=') ? undefined : stepsIn(argument)
  if (steps === undefined)
    return E.left(
      refuse({
        range: [0, Math.max(1, argument.length)],
        message: `expected the path of what is removed, got ${shown(argument)}`,
        suggestion: "name a stage, or a stage and its parameter, as in 'knn' or 'knn.every'",
      }),
    )
  const path = resolve(registry, document.value, argument, steps)
  if (E.isLeft(path)) return E.left(refuse(path.left))
  const left = remove(registry, document.value, argument, path.right, [])
  if (E.isLeft(left)) return E.left(refuse(left.left))
  const { value, item } = left.right
  return E.right({ ...document, value, removed: item === undefined ? document.removed : [...document.removed, item] })
}

const remove = (
  registry: Registry,
  value: unknown,
  argument: string,
  [step, ...rest]: readonly Step[],
  path: Path,
): E.Either<Dead, Left> => {
  if (step === undefined) return E.right({})
  const { name, range } = step
  if (Array.isArray(value)) {
    const index = indexIn(value, argument, step, path.length)
    if (E.isLeft(index)) return index
    const at = [...path, index.right]
    return E.Functor.map(remove(registry, value[index.right], argument, rest, at), (inner) =>
      'value' in inner
        ? { ...inner, value: value.with(index.right, inner.value) }
        : { value: value.toSpliced(index.right, 1), item: at },
    )
  }
  const mapping = opened(value, name)
  if (mapping === undefined || !Object.hasOwn(mapping, name))
    return E.left({ range, message: `there is no '${name}' here that could be removed`, ...hint(mapping, name) })
  const inner = remove(registry, inFull(registry, name, mapping[name], rest[0]?.name), argument, rest, [...path, name])
  if (E.isLeft(inner)) return inner
  if ('value' in inner.right) return E.right({ ...inner.right, value: { ...mapping, [name]: inner.right.value } })
  const { [name]: _, ...others } = mapping
  // An op is written as a mapping of one key: nothing is left of it.
  const isOp = typeof path.at(-1) === 'number' && registry.ops.some((spec) => spec.name === name)
  return E.right(isOp && Object.keys(others).length === 0 ? {} : { value: others })
}

const hint = (mapping: Readonly<Record<string, unknown>> | undefined, name: string): Pick<Dead, 'suggestion'> => {
  const known = Object.keys(mapping ?? {})
  const guess = nearest(name, known)
  if (guess !== undefined) return { suggestion: `did you mean '${guess}'?` }
  return { suggestion: known.length === 0 ? 'nothing is written here' : `written here: ${known.join(', ')}` }
}
