/** Ops of one's own: modules that `--ops` names on the command line. There is no other way to load code. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import type { OpSpec } from '../dsl/spec'

const refused = (file: string, message: string, suggestion: string): Failure =>
  rejected([{ code: 'user-ops', path: [], at: 'value', message: `${file}: ${message}`, suggestion }])

/** Whether a module's export was made by `define` or `stage`. */
const specOf = (exported: unknown): OpSpec | undefined => {
  const spec = typeof exported === 'function' ? (exported as { readonly spec?: Partial<OpSpec> }).spec : undefined
  const whole = typeof spec?.name === 'string' && typeof spec.kind?.name === 'string' && typeof spec.build === 'function'
  return whole ? (spec as OpSpec) : undefined
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!

const unloaded = (file: string, error: unknown): Failure => {
  if (!existsSync(file)) return refused(file, 'there is no such file', 'check the path, which starts at the current folder')
  return (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? refused(file, `Node ${process.version} can't read such a file`, 'write it in JavaScript, or use Node 22.18 or newer')
    : refused(file, `cannot be loaded: ${firstLine(error)}`, 'mend the module; what it imports must be installed beside it')
}

const load = (file: string): TE.TaskEither<Failure, Readonly<Record<string, unknown>>> =>
  TE.tryCatch(
    () => import(pathToFileURL(resolve(file)).href) as Promise<Readonly<Record<string, unknown>>>,
    (error) => unloaded(file, error),
  )

/** The ops that a module exports, by whatever names, in their order. */
const opsIn = (file: string): TE.TaskEither<Failure, readonly OpSpec[]> =>
  pipe(
    load(file),
    TE.map((module) => RA.uniq<OpSpec>({ equals: (a, b) => a === b })(Object.values(module).flatMap((one) => specOf(one) ?? []))),
    TE.filterOrElse(
      (specs) => specs.length > 0,
      () => refused(file, 'exports no op', "export what 'define' or 'stage' of 'ibot/define' gives"),
    ),
  )

/** These ops and those of modules; a name that stands for two ops of one kind is refused. */
export const withOpsOf = (known: readonly OpSpec[], files: readonly string[]): TE.TaskEither<Failure, readonly OpSpec[]> =>
  files.reduce<TE.TaskEither<Failure, readonly OpSpec[]>>(
    (ops, file) =>
      pipe(
        TE.Do,
        TE.bind('ops', () => ops),
        TE.bind('more', () => opsIn(file)),
        TE.chainEitherK(({ ops, more }) => {
          const taken = more.find((one) => ops.some(({ name, kind }) => name === one.name && kind.name === one.kind.name))
          return taken === undefined
            ? E.right([...ops, ...more])
            : E.left(refused(file, `there is ${taken.kind.article} '${taken.name}' already`, 'give it another name'))
        }),
      ),
    TE.right(known),
  )
