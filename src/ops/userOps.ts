/** Ops of one's own: loaded from modules that the user names, by `--ops` or in the definition itself. There is no other way to load code. */
import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import { pathHere, pathOf } from '../base/command'
import { type Failure, rejected } from '../base/failure'
import type { OpSpec } from '../dsl/spec'

const refused = (file: string, message: string, suggestion: string): Failure =>
  rejected([{ code: 'user-ops', path: [], at: 'value', message: `${pathHere(file)}: ${message}`, suggestion }])

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
    : refused(file, `cannot be loaded: ${firstLine(error)}`, 'fix the module; install what it imports beside it')
}

const load = (file: string): TE.TaskEither<Failure, Readonly<Record<string, unknown>>> =>
  TE.tryCatch(
    () => import(pathToFileURL(resolve(file)).href) as Promise<Readonly<Record<string, unknown>>>,
    (error) => unloaded(file, error),
  )

/** The ops that a module exports, by whatever names, in their order; each knows its module. */
const opsIn = (file: string): TE.TaskEither<Failure, readonly OpSpec[]> =>
  pipe(
    load(file),
    TE.map((module) => RA.uniq<OpSpec>({ equals: (a, b) => a === b })(Object.values(module).flatMap((one) => specOf(one) ?? []))),
    TE.filterOrElse(
      (specs) => specs.length > 0,
      () => refused(file, 'exports no op', "export what 'define' or 'stage' of 'ibot/define' gives"),
    ),
    TE.map(RA.map((spec) => ({ ...spec, module: resolve(file) }))),
  )

/** The ops that modules export. */
export const loadOps = (files: readonly string[]): TE.TaskEither<Failure, readonly OpSpec[]> =>
  pipe(files, TE.traverseSeqArray(opsIn), TE.map(RA.flatten))

/** The path of the module that exports an op; a program that is running is no module to load again. */
export const moduleOf = ({ module }: OpSpec): string | undefined => {
  const path = module === undefined ? undefined : resolve(pathOf(module))
  return path === undefined || path === mainProgram() ? undefined : path
}

/** The modules of ops, each once, as far as they have one. */
export const modulesOf = (ops: readonly OpSpec[]): readonly string[] => [...new Set(ops.flatMap((spec) => moduleOf(spec) ?? []))]

const mainProgram = (): string | undefined => {
  try {
    return realpathSync(require.resolve(resolve(process.argv[1] ?? '')))
  } catch {
    return undefined
  }
}
