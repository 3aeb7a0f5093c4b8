/** What there is to complete, read from the definitions of the commands. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'

/** What a value is: one of some words, a file, a folder, the folder of a run, or anything. */
export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'run' | 'anything' }

export interface DescribedOption {
  /** `--set`, and `-n` where there is a short one. */
  readonly flags: readonly string[]
  readonly doc: string
  /** Undefined where it is a flag. */
  readonly value: Value | undefined
  /** Whether the value may be left out. */
  readonly optional: boolean
}

export interface DescribedCommand {
  /** The words that call it: `view attention`; empty for ibot itself. */
  readonly name: string
  readonly doc: string
  readonly options: readonly DescribedOption[]
  /** By their places; the last also stands for those behind it where it is variadic. */
  readonly values: readonly { readonly value: Value; readonly variadic: boolean }[]
  readonly commands: readonly DescribedCommand[]
}

/** Names that values have in the definitions, and what they are; others are anything. */
const KINDS: Readonly<Record<string, 'file' | 'folder' | 'run'>> = {
  file: 'file',
  files: 'file',
  path: 'file',
  source: 'file',
  folder: 'folder',
  dir: 'run',
  run: 'run',
  runs: 'run',
}

/** Names of values that are one of some words which no definition lists. */
export type Words = Readonly<Record<string, readonly string[]>>

const takenBy = (name: string, choices: readonly string[] | undefined, words: Words): Value => {
  const known = choices ?? words[name]
  if (known !== undefined) return { kind: 'words', words: known }
  return { kind: KINDS[name] ?? 'anything' }
}

/** The name between the brackets of `--out <dir>`. */
const valueName = (flags: string): string | undefined => /[<[]([^>\].]+)/.exec(flags)?.[1]

export const described = (command: CommandUnknownOpts, words: Words, name = ''): DescribedCommand => {
  const help = command.createHelp()
  return {
    name,
    doc: command.summary() || command.description(),
    options: help.visibleOptions(command as never).map(({ flags, short, long, description, argChoices, optional }) => {
      const value = valueName(flags)
      return {
        flags: [short, long].filter((flag) => flag !== undefined),
        doc: description,
        value: value === undefined ? undefined : takenBy(value, argChoices, words),
        optional,
      }
    }),
    values: command.registeredArguments.map((argument) => ({
      value: takenBy(argument.name(), argument.argChoices, words),
      variadic: argument.variadic,
    })),
    // With that for help, which commander adds.
    commands: help.visibleCommands(command as never).map((one) => described(one, words, `${name} ${one.name()}`.trim())),
  }
}

/** A command and all below it. */
export const allOf = (command: DescribedCommand): readonly DescribedCommand[] => [command, ...command.commands.flatMap(allOf)]

/** A text between single quotes, for any of the shells; fish knows the backslash in them, bash and zsh don't. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
