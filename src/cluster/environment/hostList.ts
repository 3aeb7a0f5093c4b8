/**
 * Slurm's lists of hosts: `node[001-003,007],gpu-a1`, with several brackets in a name where nodes are counted in several
 * dimensions: `r[1-2]n[01-04]`, of which the last goes fastest. https://slurm.schedmd.com/scontrol.html ("show hostnames")
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'

/** More hosts than any list names: one with more is a mistake. */
const MOST = 65_536

/** The list at its commas outside of brackets. */
const items = (list: string): readonly string[] => {
  const found: string[] = []
  let [from, inside] = [0, false]
  for (let i = 0; i < list.length; i++) {
    if (list[i] === '[') inside = true
    else if (list[i] === ']') inside = false
    else if (list[i] === ',' && !inside) {
      found.push(list.slice(from, i))
      from = i + 1
    }
  }
  return [...found, list.slice(from)]
}

/** What `001-003` or `7` stands for; zeros in front make all as wide as the first. */
const range = (text: string): E.Either<string, readonly string[]> => {
  const [, low, high = low] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text.trim()) ?? []
  if (low === undefined || high === undefined) return E.left(`'${text}' is no number and no range`)
  const [from, count] = [Number(low), Number(high) - Number(low) + 1]
  if (count < 1) return E.left(`the range ${text} goes down`)
  if (count > MOST) return E.left(`the range ${text} has more than ${MOST} numbers`)
  return E.right(RA.makeBy(count, (i) => String(from + i).padStart(low.length, '0')))
}

/** A name in parts, each with what it may be: a text is itself. */
const parts = (item: string): E.Either<string, readonly (readonly string[])[]> => {
  const found = item.match(/\[[^[\]]*\]|[^[\]]+/g) ?? []
  if (item === '') return E.left('a name is empty')
  if (found.join('') !== item) return E.left('its brackets do not match')
  return pipe(
    found,
    RA.traverse(E.Applicative)((part): E.Either<string, readonly string[]> => {
      if (!part.startsWith('[')) return /[\s,]/.test(part) ? E.left('a name has blanks in it') : E.right([part])
      return pipe(part.slice(1, -1).split(','), RA.traverse(E.Applicative)(range), E.map(RA.flatten))
    }),
  )
}

const product = (all: readonly (readonly string[])[]): readonly string[] =>
  all.reduce((names: readonly string[], some) => names.flatMap((name) => some.map((one) => name + one)), [''])

const named = (item: string): E.Either<string, readonly string[]> =>
  pipe(
    parts(item),
    E.filterOrElse(
      (all) => all.reduce((count, { length }) => count * length, 1) <= MOST,
      () => `it names more than ${MOST} hosts`,
    ),
    E.map(product),
  )

/** All hosts of a list in its order, or what is wrong with it. */
export const expandHosts = (list: string): E.Either<string, readonly string[]> => {
  const all: string[] = []
  for (const item of items(list.trim())) {
    const some = named(item)
    if (E.isLeft(some)) return some
    if (all.length + some.right.length > MOST) return E.left(`it names more than ${MOST} hosts`)
    for (const host of some.right) all.push(host)
  }
  return E.right(all)
}
