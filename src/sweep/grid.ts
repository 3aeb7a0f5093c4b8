/** The combinations of a sweep's values, and the names of their folders. */
import { createHash } from 'node:crypto'
import type { Axes, Axis } from './axes'

/** One run of a sweep. */
export interface Combination {
  /** The name of its folder. */
  readonly name: string
  /** Of the axes, in their order. */
  readonly values: readonly string[]
}

/** What stands for a value in a name at most, and a name at most, in letters. */
const LONGEST = { value: 40, name: 120 }
const DIGEST = 8

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, DIGEST)

/** Only letters that every file system takes and tells apart, and no shell reads anything into. */
const PLAIN = /^(?!\.)[a-z0-9_.+-]{1,40}(?<![.-])$/

/** A text as part of a name; one that isn't plain, or long, is told from others by a digest. */
const part = (text: string): string => {
  if (PLAIN.test(text)) return text
  const simple = text.replace(/[^a-z0-9_.+-]+/gi, '-').replace(/^[-.]+/, '')
  return `${simple.slice(0, LONGEST.value - DIGEST - 1).replace(/[-.]+$/, '')}-${digest(text)}`
}

/** `depth` for `vit.depth`, where no other axis ends so. */
const titlesOf = (paths: readonly string[]): readonly string[] => {
  const last = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
  const short = paths.map(last)
  const title = (path: string): string => path.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/-$/, '')
  return paths.map((path, i) => title(short.indexOf(short[i]!) === short.lastIndexOf(short[i]!) ? short[i]! : path))
}

/** `depth=2,seed=0`: it depends on the axes and on its own values alone, so that it stays when values are added. */
export const nameOf = (paths: readonly string[], values: readonly string[]): string => {
  const titles = titlesOf(paths)
  const name = values.map((value, i) => `${titles[i]}=${part(value)}`).join(',')
  return name.length <= LONGEST.name ? name : `${name.slice(0, LONGEST.name - DIGEST - 1)}-${digest(name)}`
}

/** All combinations; the first axis changes most slowly. */
export const combinationsOf = (axes: readonly Axis[]): readonly Combination[] => {
  const paths = axes.map(({ path }) => path)
  const tuples = axes.reduce<readonly (readonly string[])[]>(
    (before, { values }) => before.flatMap((tuple) => values.map((value) => [...tuple, value])),
    [[]],
  )
  return tuples.map((values) => ({ name: nameOf(paths, values), values }))
}

/** The `--set` of a combination's run. */
export const settingsOf = ({ axes, template }: Axes, { values }: Pick<Combination, 'values'>): readonly string[] =>
  template.map((one) =>
    typeof one === 'string' ? one : `${one.path}=${values[axes.findIndex(({ path }) => path === one.path)]}`,
  )
