/** Damaged files of every format that is read, and what must not become of reading one: each gives a result or a failure, soon and in little memory. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../src/base/failure'
import { random } from '../../src/base/random'
import { cifarSource } from '../../src/io/cifar'
import { decodePicture } from '../../src/io/decode'
import { idxSource, serialize as toIdx } from '../../src/io/idx'
import { imageList } from '../../src/io/imageList'
import { npySource } from '../../src/io/npy'
import { parquetSource } from '../../src/io/parquet'
import { serialize as toSafetensors } from '../../src/io/safetensors'
import { readSafetensors } from '../../src/io/safetensorsFile'
import type { Source } from '../../src/io/source'
import { tarShards } from '../../src/io/tarShards'
import { tensorOf, withTorchCheckpoint } from '../../src/io/torchCheckpoint'
import { tarOf } from '../io/archive'
import { mutant } from './mutants'

export interface FileFormat {
  /** Sound files. */
  readonly seeds: readonly Uint8Array[]
  /** What files of it are called. */
  readonly name: string
  readonly read: (path: string, bytes: Uint8Array) => Promise<E.Either<Failure, unknown>>
}

const FIXTURES = join(__dirname, '..', 'io')
const fixtures = (name: string): unknown => JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'))
const base64 = (text: string): Buffer => Buffer.from(text, 'base64')

/** Opens a source and reads its first pictures. */
const wholly = async (open: TE.TaskEither<Failure, Source>): Promise<E.Either<Failure, unknown>> => {
  const source = await open()
  if (E.isLeft(source)) return source
  const { count, read, label, path } = source.right
  for (let i = 0; i < Math.min(3, count); i++) {
    label(i)
    path?.(i)
    const picture = await read(i)
    if (E.isLeft(picture) && picture.left._tag === 'Defect') return picture
  }
  return source
}

const quiet = (): undefined => undefined

const pictures = (): Record<string, FileFormat> => {
  const { read, turned } = fixtures('pictures') as Record<'read' | 'turned', Record<string, { readonly file: string }>>
  const all = Object.entries({ ...read, ...turned })
  const of = (start: RegExp): FileFormat => ({
    seeds: all.filter(([name]) => start.test(name)).map(([, { file }]) => base64(file)),
    name: 'x.png',
    read: async (_, bytes) => {
      const picture = await decodePicture(bytes, { channels: 3, exif: 'apply' })
      if (E.isRight(picture) && picture.right.data.length !== picture.right.width * picture.right.height * 3)
        throw new Error('a picture of another size than it says')
      return picture
    },
  })
  return {
    jpeg: of(/^JPEG/),
    png: of(/^PNG/),
    webp: of(/^W(EBP|ebP)/),
    gif: of(/^GIF/),
    tiff: of(/^(Big)?TIFF/),
    bmp: of(/^BMP/),
    pnm: of(/^P.M/),
  }
}

/** An array as numpy.save writes it. */
const npy = (type: string, shape: readonly number[], data: Uint8Array): Uint8Array => {
  const text = `${`{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117)}\n`
  const head = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text}`, 'latin1')
  head.writeUInt16LE(text.length, 8)
  return Buffer.concat([head, data])
}

const counting = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i)

const arrays = (sound: (name: string, bytes: Uint8Array) => string): Record<string, FileFormat> => {
  const images = toIdx({ shape: [3, 4, 5], data: counting(60) })
  const labels = toIdx({ shape: [3], data: counting(3) })
  const npyImages = npy('|u1', [3, 4, 5], counting(60))
  return {
    idx: {
      seeds: [images, toIdx({ shape: [2, 2, 2, 3], data: counting(24) })],
      name: 'x',
      read: (path) => wholly(idxSource({ images: path })),
    },
    'idx, gzipped': { seeds: [gzipSync(images)], name: 'x.gz', read: (path) => wholly(idxSource({ images: path })) },
    'labels of idx': {
      seeds: [labels],
      name: 'x',
      read: (path) => wholly(idxSource({ images: sound('images', images), labels: path })),
    },
    npy: {
      seeds: [npyImages, npy('|u1', [2, 2, 2, 3], counting(24))],
      name: 'x.npy',
      read: (path) => wholly(npySource({ images: path })),
    },
    'labels of npy': {
      seeds: [npy('<i8', [3], new Uint8Array(24)), npy('>u2', [3], new Uint8Array(6)), npy('<U2', [3], new Uint8Array(24))],
      name: 'x.npy',
      read: (path) => wholly(npySource({ images: sound('images.npy', npyImages), labels: path })),
    },
  }
}

const lists = (): Record<string, FileFormat> => {
  const texts = (...all: readonly string[]): readonly Uint8Array[] => all.map((text) => Buffer.from(text))
  const read: FileFormat['read'] = (path) => wholly(imageList({ path, image: 'path', channels: 3 }))
  return {
    csv: {
      seeds: texts('path,label\na.png,cat\n"b c.png","dog, wild"\n', '\ufeffid,path, label\n1,a.png, 3\n2,b.png,0\n'),
      name: 'x.csv',
      read,
    },
    tsv: { seeds: texts('path\tlabel\na.png\tcat\nb.png\tdog\n'), name: 'x.tsv', read },
    list: { seeds: texts('a.png 1\nb.png 0\n', 'a.png\tcat\nb c.png\tdog\n', '/tmp\n/dev/zero\na.png\n'), name: 'x.txt', read },
  }
}

const archives = (): Record<string, FileFormat> => {
  const { read } = fixtures('pictures') as { readonly read: Record<string, { readonly file: string }> }
  const picture = base64(read['PNG, RGB of 8 bits']!.file)
  const plain = tarOf(['a/1.png', picture], ['a/1.cls', '3'], ['a/2.png', picture], ['a/2.cls', '0'])
  const readTar: FileFormat['read'] = (path) => wholly(tarShards({ shards: [path], channels: 3 }, quiet))
  const tables = Object.values(fixtures('parquet') as Record<string, string>).map(base64)
  return {
    tar: { seeds: [plain], name: 'x.tar', read: readTar },
    'tar, gzipped': { seeds: [gzipSync(plain)], name: 'x.tar.gz', read: readTar },
    parquet: {
      seeds: tables,
      name: 'x.parquet',
      read: (path) => wholly(parquetSource({ files: [path], image: 'image', channels: 3 }, quiet)),
    },
  }
}

const checkpoints = (folder: string, sound: (name: string, bytes: Uint8Array) => string): Record<string, FileFormat> => {
  const cifar = fixtures('cifar') as Record<string, Record<string, string>>
  const again = Object.values(fixtures('cifarPickles') as Record<string, string>)
  const gunzipped = (text: string): Buffer => gunzipSync(base64(text))
  const torch = Object.entries(fixtures('torchFiles') as Record<string, string>).filter(([, text]) => text.length < 8000)
  const weights = toSafetensors(
    [
      ['a', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
      ['b.c', { dtype: 'U8', shape: [5], data: new Uint8Array(5) }],
    ],
    { format: 'pt', about: '{"x": 1}' },
  )
  const binary = Buffer.concat([0, 1, 2].map((label) => Buffer.concat([Uint8Array.of(label), counting(3072)])))
  return {
    'cifar, binary': {
      seeds: [binary],
      name: 'test_batch.bin',
      read: () => {
        sound('batches.meta.txt', Buffer.from('cat\ndog\neel\n'))
        return wholly(cifarSource({ path: folder, split: 'test', labels: 'fine' }))
      },
    },
    'cifar, Python': {
      seeds: [...Object.values(cifar).flatMap(({ train }) => (train === undefined ? [] : [train])), ...again.slice(0, 20)].map(
        gunzipped,
      ),
      name: 'test_batch',
      read: () => {
        rmSync(join(folder, 'batches.meta.txt'), { force: true })
        sound('batches.meta', gunzipped(cifar.python2!.meta!))
        return wholly(cifarSource({ path: folder, split: 'test', labels: 'fine' }))
      },
    },
    safetensors: { seeds: [weights], name: 'x.safetensors', read: (path) => readSafetensors(path, 'the weights')() },
    torch: {
      seeds: torch.map(([, text]) => base64(text)),
      name: 'x.pth',
      read: (path) =>
        withTorchCheckpoint(path, ({ value, read }) => {
          const values = value instanceof Map ? [...value.values()] : [value]
          const tensors = values.flatMap((one) =>
            pipe(tensorOf(one) ?? E.left(''), (found) => (E.isRight(found) ? [found.right] : [])),
          )
          return TE.traverseSeqArray(read)(tensors.slice(0, 20))
        })(),
    },
  }
}

/** All formats that are read; sound files that go with others lie in `folder`. */
export const formatsIn = (folder: string): Record<string, FileFormat> => {
  const sound = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  return { ...pictures(), ...arrays(sound), ...lists(), ...archives(), ...checkpoints(folder, sound) }
}

/** In milliseconds of the processor and of the clock (what else the machine does counts there), and in bytes. */
const [LONGEST, LONGEST_WAIT, MOST_MEMORY] = [5000, 60_000, 1e9]

/** What is wrong with how a file was read; undefined if nothing is. */
const faultOf = async (format: FileFormat, folder: string, bytes: Uint8Array): Promise<string | undefined> => {
  const path = join(folder, format.name)
  rmSync(path, { force: true })
  writeFileSync(path, bytes)
  const [cpu, clock] = [process.cpuUsage(), performance.now()]
  const before = process.memoryUsage().rss
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', onUnhandled)
  try {
    const result = await format.read(path, bytes)
    if (E.isLeft(result) && result.left._tag === 'Defect') return `a defect: ${String((result.left.error as Error).stack)}`
  } catch (error) {
    return `thrown: ${error instanceof Error ? error.stack : String(error)}`
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
  const { user, system } = process.cpuUsage(cpu)
  if (unhandled.length > 0) return `unhandled: ${String(unhandled[0])}`
  if ((user + system) / 1000 > LONGEST || performance.now() - clock > LONGEST_WAIT)
    return `it took ${Math.round((user + system) / 1000)} ms`
  return process.memoryUsage().rss - before > MOST_MEMORY ? 'it took more than 1 GB' : undefined
}

/** Does something with all formats, while what is unpacked lies in a folder of its own. */
const within = async <A>(use: (folder: string, cache: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-files-'))
  const before = process.env.IBOT_CACHE
  process.env.IBOT_CACHE = join(folder, 'cache')
  try {
    return await use(folder, process.env.IBOT_CACHE)
  } finally {
    if (before === undefined) delete process.env.IBOT_CACHE
    else process.env.IBOT_CACHE = before
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Fault {
  readonly format: string
  readonly number: number
  readonly fault: string
  readonly bytes: Uint8Array
}

/** Reads `count` mutants of each format, or of some; gives the faults, each with the mutant that shows it. */
export const tortureFiles = (count: number, seed: number, only?: readonly string[]): Promise<readonly Fault[]> =>
  within(async (folder, cache) => {
    const faults: Fault[] = []
    const formats = Object.entries(formatsIn(folder))
    const all = formats.flatMap(([, { seeds }]) => seeds)
    for (const [name, format] of formats.filter(([name]) => only === undefined || only.includes(name)))
      for (let number = 0; number < count; number++) {
        const draw = random(seed, name, number)
        const [whole, other] = [format.seeds[draw.integer(format.seeds.length)]!, all[draw.integer(all.length)]!]
        const bytes = mutant(whole, other, draw)
        const fault = await faultOf(format, folder, bytes)
        if (fault !== undefined) faults.push({ format: name, number, fault, bytes })
        rmSync(cache, { recursive: true, force: true })
      }
    return faults
  })

/** Formats of which no seed is read: their mutants would try nothing. */
export const unread = (): Promise<readonly string[]> =>
  within(async (folder) => {
    const names: string[] = []
    for (const [name, { seeds, name: file, read }] of Object.entries(formatsIn(folder))) {
      const path = join(folder, file)
      writeFileSync(path, seeds[0]!)
      if (E.isLeft(await read(path, seeds[0]!))) names.push(name)
      rmSync(path)
    }
    return names
  })
