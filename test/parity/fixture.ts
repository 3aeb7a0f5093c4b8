/** Reference numbers of the official PyTorch code: `NAME.json` and, where it has arrays, `NAME.safetensors`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as t from 'io-ts'
import { type Entry, parse } from '../../src/io/safetensors'

/** How far a number may be off: |got - want| ≤ atol + rtol · |want|. */
export interface Tolerance {
  readonly atol: number
  readonly rtol: number
}

/** The parts that every fixture's JSON has. */
const Common = t.intersection([
  t.type({ tolerance: t.UnknownRecord }),
  t.partial({ tensors: t.UnknownRecord, exclude_slices: t.record(t.string, t.array(t.tuple([t.number, t.number]))) }),
])

export interface Fixture {
  readonly folder: string
  readonly name: string
  readonly json: unknown
  /** Names of all arrays. */
  readonly names: readonly string[]
  /** An array of the file; throws where there is none. */
  readonly entry: (name: string) => Entry
  /** An array as 32-bit floats. */
  readonly floats: (name: string) => Float32Array
  readonly integers: (name: string) => readonly number[]
  readonly shape: (name: string) => readonly number[]
  /** What the fixture says of a name, or of `default`. */
  readonly tolerance: (name: string) => Tolerance & Readonly<Record<string, unknown>>
  /** Index ranges of an array that are not to be compared. */
  readonly excluded: (name: string) => readonly (readonly [number, number])[]
  /** Names of the arrays that nobody asked for. */
  readonly unread: () => readonly string[]
}

const numberAt = (values: Readonly<Record<string, unknown>>, key: string): number =>
  typeof values[key] === 'number' ? values[key] : 0

const tolerances =
  (all: Readonly<Record<string, unknown>>) =>
  (name: string): Tolerance & Readonly<Record<string, unknown>> => {
    const found = (all[name] ?? all.default ?? {}) as Readonly<Record<string, unknown>>
    return { ...found, atol: numberAt(found, 'atol'), rtol: numberAt(found, 'rtol') }
  }

const reading = <A>(file: string, read: () => A): E.Either<string, A> =>
  E.tryCatch(read, (error) => `${file}: ${error instanceof Error ? error.message : String(error)}`)

const readJson = (folder: string, name: string): E.Either<string, t.TypeOf<typeof Common>> =>
  pipe(
    reading(`${name}.json`, () => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as unknown),
    E.chain((json) =>
      pipe(
        Common.decode(json),
        E.mapLeft(() => `${name}.json: not the description of a fixture`),
      ),
    ),
  )

const readArrays = (folder: string, name: string, declared: number): E.Either<string, ReadonlyMap<string, Entry>> => {
  const file = `${name}.safetensors`
  if (!existsSync(join(folder, file))) return declared > 0 ? E.left(`${file} is missing`) : E.right(new Map())
  return pipe(
    reading(file, () => new Uint8Array(readFileSync(join(folder, file)))),
    E.chain((bytes) =>
      pipe(
        parse(bytes),
        E.bimap(
          (problem) => `${file}: ${problem}`,
          ({ tensors }) => tensors,
        ),
      ),
    ),
  )
}

/** Reads a fixture, or says in a sentence why that can't be done. */
export const readFixture = (folder: string, name: string): E.Either<string, Fixture> =>
  pipe(
    E.Do,
    E.bind('json', () => readJson(folder, name)),
    E.bind('arrays', ({ json }) => readArrays(folder, name, Object.keys(json.tensors ?? {}).length)),
    E.filterOrElse(
      ({ json, arrays }) => Object.keys(json.tensors ?? {}).every((tensor) => arrays.has(tensor)),
      ({ json, arrays }) => {
        const lacking = Object.keys(json.tensors ?? {}).find((tensor) => !arrays.has(tensor))
        return `${name}.safetensors has no tensor ${lacking}`
      },
    ),
    E.map(({ json, arrays }) => {
      const read = new Set<string>()
      const entry = (tensor: string): Entry => {
        const found = arrays.get(tensor)
        if (found === undefined) throw new RangeError(`there is no tensor ${tensor}`)
        read.add(tensor)
        return found
      }
      return {
        folder,
        name,
        json,
        entry,
        names: [...arrays.keys()],
        floats: (tensor) => Float32Array.from(entry(tensor).data as ArrayLike<number | bigint>, Number),
        integers: (tensor) => Array.from(entry(tensor).data as ArrayLike<number | bigint>, Number),
        shape: (tensor) => entry(tensor).shape,
        tolerance: tolerances(json.tolerance),
        excluded: (tensor) => json.exclude_slices?.[tensor] ?? [],
        unread: () => [...arrays.keys()].filter((tensor) => !read.has(tensor)),
      }
    }),
  )

/** The names of the fixtures of a folder, in their order; a safetensors file without its JSON counts too. */
export const fixtureNames = (folder: string): E.Either<string, readonly string[]> =>
  pipe(
    reading(folder, () => readdirSync(folder)),
    E.mapLeft(() => `there is no directory ${folder}`),
    E.map((files) =>
      [...new Set(files.flatMap((file) => /^(.+)\.(?:json|safetensors)$/.exec(file)?.[1] ?? []))].sort((a, b) =>
        a < b ? -1 : 1,
      ),
    ),
  )

/** The fixture's JSON as a codec describes it; throws where it isn't so. */
export const described = <A>(codec: t.Type<A>, fixture: Fixture): A => {
  const decoded = codec.decode(fixture.json)
  if (E.isRight(decoded)) return decoded.right
  const path = decoded.left[0]!.context.map(({ key }) => key).filter((key) => key !== '' && !/^\d+$/.test(key))
  throw new RangeError(`${fixture.name}.json: ${path.join('.')} is missing or wrong`)
}
