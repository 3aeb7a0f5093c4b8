/** What the definitions of commands share: options that several take, examples, and the type of a command's options. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { NETWORKS } from '../../base/networkName'
import { BACKENDS } from '../../engine/backends'

/** The options that a command gives to what it does, as its definition says; a flag is a boolean, so that it may have a default. */
export type OptionsOf<C extends () => { readonly opts: () => object }> = Given<ReturnType<ReturnType<C>['opts']>>

type Given<O> = { readonly [K in keyof O]: [NonNullable<O[K]>] extends [true] ? boolean : O[K] }

/** Calls and what each is for, as the end of a help text. */
export const examples = (...lines: readonly (readonly [command: string, meaning: string])[]): string => {
  const longest = Math.max(...lines.map(([command]) => command.length))
  return `\nExamples:\n${lines.map(([command, meaning]) => `  $ ${command.padEnd(longest)}  ${meaning}`).join('\n')}`
}

const all = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export const setOption = () =>
  new Option('--set <path=value>', 'set one value of the pipeline; may be given several times').argParser(all)

export const unsetOption = () =>
  new Option('--unset <path>', 'remove a parameter or a stage, before --set; may be given several times').argParser(all)

export const opsOption = () =>
  new Option('--ops <file>', 'load ops of your own from a JavaScript module; may be given several times').argParser(all)

/** Whose weights a command takes. */
export const networkOption = () =>
  new Option('--network <which>', "whose weights (default: the teacher's, the student's where there is no teacher)").choices(
    NETWORKS,
  )

export const backendOption = () =>
  new Option('--backend <name>', 'what computes (default: xla where there is a GPU, else tensorflow if it can be had)').choices(
    BACKENDS,
  )

/** Numbers of attention heads: one, or one for each stage of a Swin transformer. */
export const headsOption = () =>
  new Option(
    '--heads <numbers>',
    "the backbone's attention heads, where no file tells them; for a Swin transformer those of each stage: 3,6,12,24",
  ).argParser((value): readonly number[] => {
    const heads = value.split(',').map(Number)
    if (!heads.every((count) => Number.isSafeInteger(count) && count >= 1))
      throw new InvalidArgumentError('Expected a whole number from 1 on, or several with commas between them.')
    return heads
  })

/** A whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
    return number
  }
