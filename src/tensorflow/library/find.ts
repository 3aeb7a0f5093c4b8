/** Finds TensorFlow's C library where it may already be. Nothing is loaded and nothing downloaded. */
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as RA from 'fp-ts/ReadonlyArray'
import * as TE from 'fp-ts/TaskEither'
import { attempt } from '../../base/attempt'
import { type Failure, missing } from '../../base/failure'
import { isWhole, placeOf, sizeOf } from '../../wheels/cache'
import { runPython } from '../../wheels/python'
import type { WheelSet } from '../../wheels/wheel'
import { type Host, thisHost } from './host'
import { fileNames, isTooOld, type Library, VERSION } from './library'
import { WHEELS, type WheelTable, wheelsFor } from './wheels'

/** What can't be looked at isn't there: a place to look at is no more than that. */
const isThere = (path: string): boolean => attempt(() => statSync(path)) !== undefined
const isFile = (path: string): boolean => sizeOf(path) !== undefined

/** The two files in a folder. */
const pairIn = (folder: string, { platform }: Host): O.Option<Pick<Library, 'framework' | 'cc' | 'folder'>> => {
  const { framework, cc, plain } = fileNames(platform)
  const main = [cc, plain].find((name) => isFile(join(folder, name)))
  return main !== undefined && isFile(join(folder, framework))
    ? O.some({ framework: join(folder, framework), cc: join(folder, main), folder })
    : O.none
}

/** The place where the user says it is: a folder with both files, one above it, or one of the files. A failure if they aren't there. */
export const namedLibrary = (host: Host): E.Either<Failure, O.Option<Library>> => {
  const value = host.env.IBOT_TENSORFLOW
  if (!value) return E.right(O.none)
  const path = resolve(value)
  const folder = isFile(path) ? dirname(path) : path
  const found = pipe(
    [folder, join(folder, 'tensorflow'), join(folder, 'lib')],
    RA.findFirstMap((candidate) => pairIn(candidate, host)),
  )
  if (O.isSome(found)) return E.right(O.some({ ...found.value, source: 'IBOT_TENSORFLOW' }))
  const { framework, cc } = fileNames(host.platform)
  const why = !isThere(path) ? 'which is not there' : `which doesn't hold ${framework} and ${cc}`
  return E.left(
    missing(
      `IBOT_TENSORFLOW is ${value}, ${why}`,
      'Set it to the folder with both libraries, or unset it and let ibot setup fetch them.',
    ),
  )
}

/** A set of wheels in the cache, if all of its files are there in full length. */
export const inCache = (host: Host, set: WheelSet): O.Option<Library> =>
  isWhole(host, set)
    ? pipe(
        pairIn(join(placeOf(host, set), 'tensorflow'), host),
        O.map((pair) => ({ ...pair, source: 'cache', version: VERSION })),
      )
    : O.none

const fetched = (host: Host, table: WheelTable): O.Option<Library> =>
  pipe(
    O.fromEither(wheelsFor(host, table)),
    O.chain((set) => inCache(host, set)),
  )

/** libtensorflow.so.2 is a link to libtensorflow.so.2.9.1. */
const versionOf = (path: string): string | undefined =>
  /(?:\.so\.|\.)(\d+\.\d+\.\d+)(?:\.dylib)?$/.exec(basename(realpathSync(path)))?.[1]

/** What the install script of tfjs-node-gpu has downloaded, where it could. */
const ofTfjsNode = (host: Host): O.Option<Library> =>
  pipe(
    O.fromNullable(host.tfjsNode),
    O.chain((folder) => pairIn(join(folder, 'deps', 'lib'), host)),
    O.map((pair) => ({ ...pair, source: 'tfjs-node-gpu', version: versionOf(pair.cc) })),
  )

/** Where Python would import TensorFlow from, without importing it: that takes seconds. */
const ASK = `
import importlib.util, importlib.metadata, json, sys
sys.path = [p for p in sys.path if p not in ('', '.')]
spec = importlib.util.find_spec('tensorflow')
folders = list(spec.submodule_search_locations or []) if spec else []
versions = {}
for name in ('tensorflow', 'tensorflow-cpu', 'tensorflow-gpu', 'tensorflow-macos', 'tensorflow-cpu-aws', 'tf-nightly'):
    try: versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError: pass
print(json.dumps({'folders': folders, 'versions': versions}))
`
/** Milliseconds; a Python on a slow disk must not hold up what can do without. */
const PATIENCE = 20_000

interface Answer {
  readonly folders: readonly string[]
  readonly versions: Readonly<Record<string, string>>
}

const answerOf = (text: string): O.Option<Answer> => O.tryCatch(() => JSON.parse(text.trim().split('\n').at(-1) ?? '') as Answer)

/** The TensorFlow of the user's Python, if it is new enough. Whatever goes wrong in asking means that there is none. */
const ofPython = (host: Host): TE.TaskEither<Failure, O.Option<Library>> =>
  pipe(
    runPython(host, ['-c', ASK], { timeout: PATIENCE }),
    TE.map((ended) =>
      pipe(
        ended?.code === 0 ? answerOf(ended.stdout) : O.none,
        O.chain(({ folders, versions }) => {
          const [version] = Object.values(versions)
          if (version === undefined || isTooOld(version)) return O.none
          return pipe(
            folders,
            RA.findFirstMap((folder) => pairIn(folder, host)),
            O.map((pair): Library => ({ ...pair, source: 'python', version })),
          )
        }),
      ),
    ),
    TE.orElse((): TE.TaskEither<Failure, O.Option<Library>> => TE.right(O.none)),
  )

const isOld = ({ version }: Library): boolean => version !== undefined && isTooOld(version)

/**
 * The library that IBOT_TENSORFLOW names, else of the cache, else of tfjs-node-gpu, else of Python. One that is known to be
 * too old is given only where there is no other. A failure if IBOT_TENSORFLOW is set and names none.
 */
export const findLibrary = (host: Host = thisHost(), table: WheelTable = WHEELS): TE.TaskEither<Failure, O.Option<Library>> =>
  pipe(
    TE.fromEither(namedLibrary(host)),
    TE.map(O.alt(() => fetched(host, table))),
    TE.chain((found) => {
      if (O.isSome(found)) return TE.right(found)
      const old = ofTfjsNode(host)
      if (O.isSome(old) && !isOld(old.value)) return TE.right(old)
      return TE.map(O.alt(() => old))(ofPython(host))
    }),
  )
