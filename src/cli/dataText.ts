/** What data sets hold, in words. */
import { printable } from '../base/printable'
import type { Survey, Surveyed } from '../evaluate/survey'
import type { Screen } from './terminal'
import { percent, plural, size, whole } from './words'

/** A data set, what it is for, and what it holds. */
export interface Examined extends Surveyed {
  readonly role: string
}

/** Pictures that two sets have in common. */
export interface Common {
  readonly sets: readonly [string, string]
  readonly pictures: readonly (readonly [string, string])[]
}

type Row = readonly [name: string, text: string]

/** Of a long list this many are shown; all of them with --json. */
const SHOWN = 10

const picturesText = ({ count, looked }: Survey): string =>
  looked === count ? whole(count) : `${whole(count)}, of which ${whole(looked)} were read`

const classesText = (classes: Survey['classes']): string => {
  if (classes.length === 0) return 'no labels'
  const sorted = [...classes].sort((a, b) => a.count - b.count)
  const [least, most] = [sorted[0]!, sorted[sorted.length - 1]!]
  return least.count === most.count
    ? `${whole(classes.length)}, with ${plural(most.count, 'picture')} each`
    : `${whole(classes.length)}, with ${whole(least.count)} (${least.name}) to ${whole(most.count)} (${most.name}) pictures`
}

const sizesText = ({ sizes, looked, unreadable }: Survey): string => {
  const [first] = sizes
  if (first === undefined) return 'unknown'
  if (sizes.length === 1) return `all ${size([first.height, first.width])}`
  const range = (values: readonly number[]): string => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
    return low === high ? `${low}` : `${low} to ${high}`
  }
  const read = looked - unreadable.length
  return `height ${range(sizes.map(({ height }) => height))}, width ${range(sizes.map(({ width }) => width))}; ${whole(sizes.length)} sizes, most often ${size([first.height, first.width])} (${percent(first.count / read)})`
}

const channelsText = ({ channels, grey, looked, unreadable }: Survey): string => {
  if (channels === 1) return '1, grey'
  const read = looked - unreadable.length
  if (grey === 0) return '3, colour'
  return grey === read ? '3, but all pictures are grey' : `3, colour; ${plural(grey, 'picture is', 'pictures are')} grey`
}

const numbers = (values: readonly number[] | null): string =>
  values === null ? 'unknown' : `[${values.map((value) => value.toFixed(3)).join(', ')}]`

const some = (lines: readonly string[], more: (left: number) => string): readonly string[] =>
  lines.length > SHOWN ? [...lines.slice(0, SHOWN), more(lines.length - SHOWN)] : lines

const listed = (title: string, lines: readonly string[]): readonly string[] => [
  title,
  ...some(lines, (left) => `… and ${whole(left)} more; all of them with --json`).map((line) => `  ${printable(line)}`),
]

const duplicatesText = ({ duplicates }: Survey): string => {
  if (duplicates.length === 0) return 'none'
  const pictures = duplicates.reduce((sum, group) => sum + group.pictures.length - 1, 0)
  const unlike = duplicates.filter(({ labelsDiffer }) => labelsDiffer).length
  return `${plural(pictures, 'picture has', 'pictures have')} the pixels of another one${unlike === 0 ? '' : `; ${plural(unlike, 'group differs', 'groups differ')} in labels`}`
}

const setText = ({ role, survey }: Examined, { bold, dim, yellow }: Screen['colors']): readonly string[] => {
  const { duplicates, unreadable } = survey
  const rows: readonly Row[] = [
    ['pictures', picturesText(survey)],
    ['classes', classesText(survey.classes)],
    ['sizes', sizesText(survey)],
    ['channels', channelsText(survey)],
    ['mean', numbers(survey.mean)],
    ['std', numbers(survey.std)],
    ['duplicates', duplicatesText(survey)],
    ['unreadable', unreadable.length === 0 ? 'none' : plural(unreadable.length, 'picture')],
  ]
  return [
    `${bold(role)}  ${printable(survey.name)}`,
    ...rows.map(([name, text]) => `${dim(name.padEnd(10))}  ${printable(text)}`),
    ...(duplicates.length === 0
      ? []
      : listed(
          yellow('the same pixels'),
          duplicates.map(
            ({ pictures, labelsDiffer }) =>
              `${some(pictures, (left) => `${left} more`).join(' = ')}${labelsDiffer ? ' (labels differ)' : ''}`,
          ),
        )),
    ...(unreadable.length === 0
      ? []
      : listed(
          yellow('unreadable'),
          unreadable.map(({ reason }) => reason),
        )),
  ]
}

const commonText = ({ sets: [first, second], pictures }: Common, { yellow }: Screen['colors']): readonly string[] =>
  listed(
    `${yellow('problem')}  ${plural(pictures.length, 'picture')} of ${second} ${pictures.length === 1 ? 'is' : 'are'} in ${first} too`,
    pictures.map((pair) => pair.join(' = ')),
  )

export const dataText = (sets: readonly Examined[], common: readonly Common[], colors: Screen['colors']): string =>
  [...sets.map((one) => setText(one, colors)), ...common.map((one) => commonText(one, colors))]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
