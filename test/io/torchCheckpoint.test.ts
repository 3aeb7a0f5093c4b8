import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { afterAll, describe, expect, it } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import type { Entry } from '../../src/io/dtype'
import { Global, Instance, Persistent, type Value } from '../../src/io/pickle'
import { tensorOf, withTorchCheckpoint } from '../../src/io/torchCheckpoint'

const FILES: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(__dirname, 'torchFiles.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'torch-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bytesOf = (name: string): Buffer => Buffer.from(FILES[name]!, 'base64')
const path = join(folder, 'file.pth')

type Read = Entry | Value | { readonly [name: string]: Read }

/** Everything in the file, its tensors read. */
const readAll = (file: string): Promise<E.Either<Failure, Read>> =>
  withTorchCheckpoint(file, ({ value, read }) => {
    const all = (one: Value): TE.TaskEither<Failure, Read> => {
      const tensor = tensorOf(one)
      if (tensor !== undefined) return E.isLeft(tensor) ? TE.left(missing(tensor.left, '')) : read(tensor.right)
      const entries = one instanceof Map ? one : one instanceof Instance && one.entries.size > 0 ? one.entries : undefined
      if (entries === undefined) return TE.right(one)
      return pipe(
        TE.traverseSeqArray(([key, inner]: [Value, Value]) => TE.map((got: Read) => [String(key), got] as const)(all(inner)))([
          ...entries,
        ]),
        TE.map((pairs) => Object.fromEntries(pairs) as Read),
      )
    }
    return all(value)
  })()

const readBytes = (bytes: Uint8Array): Promise<E.Either<Failure, Read>> => {
  writeFileSync(path, bytes)
  return readAll(path)
}

/** The old format calls storages by their addresses. */
const unnamed = (text: string): string => text.replace(/storage \d{6,}/, 'storage 0')

/** What the failure says of the file. */
const why = (result: E.Either<Failure, unknown>): string =>
  E.isLeft(result) && result.left._tag === 'Missing'
    ? unnamed(result.left.message.replace(`${path} `, ''))
    : JSON.stringify(result)

const entry = (dtype: Entry['dtype'], shape: readonly number[], data: Entry['data']) => ({ dtype, shape, data })
const float = (shape: readonly number[], ...values: readonly number[]) => entry('F32', shape, Float32Array.from(values))

describe.each(['zip', 'legacy'])('a checkpoint in the %s format', (format) => {
  it('gives the tensors that PyTorch wrote: of every type, strided, shared, empty', async () => {
    const result = await readBytes(bytesOf(format))
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
    const { args, ...tensors } = result.right as Record<string, Read>
    const floats = [0, 1, 2.5, -3]
    const numbers = [0, 1, 2, 100]
    expect(tensors).toEqual({
      dtypes: {
        float64: entry('F64', [4], Float64Array.from(floats)),
        float32: float([4], ...floats),
        float16: float([4], ...floats),
        bfloat16: float([4], ...floats),
        int64: entry('I64', [4], BigInt64Array.from(numbers.map(BigInt))),
        int32: entry('I32', [4], Int32Array.from(numbers)),
        int16: entry('I16', [4], Int16Array.from(numbers)),
        int8: entry('I8', [4], Int8Array.from(numbers)),
        uint8: entry('U8', [4], Uint8Array.from(numbers)),
        bool: entry('BOOL', [4], Uint8Array.of(0, 1, 1, 1)),
      },
      whole: float([3, 4], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
      transposed: float([4, 3], 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11),
      column: float([3], 1, 5, 9),
      part: float([3], 5, 6, 7),
      scalar: float([], 7),
      empty: float([0, 3]),
      parameter: float([2], 1, 1),
      ordered: { a: float([1], 0) },
    })
    expect(args).toMatchObject({ type: 'argparse.Namespace' })
  })
})

describe('a file is refused that', () => {
  const outside = 'which nothing that is read here needs'
  it.each([
    ['runs a command', 'command', `can't be read: it asks for posix.system, ${outside}`],
    [
      'runs a command, in the old format',
      'command legacy',
      `can't be read: its pickle of the value can't be read: it asks for posix.system, ${outside}`,
    ],
    ['holds a module and not its weights', 'module', `can't be read: it asks for torch.nn.modules.linear.Linear, ${outside}`],
    [
      'is compressed, so that it may be small and yet fill the memory',
      'compressed',
      "can't be read: archive/data.pkl in it is compressed, as PyTorch never writes it",
    ],
    ['holds a path that leads outside', 'escaping', "can't be read: invalid relative path: archive/../../evil"],
    ['holds an absolute path', 'absolute', "can't be read: absolute path: /etc/evil"],
    ['holds a path of Windows', 'backslash', "can't be read: invalid characters in fileName: archive\\..\\evil"],
    [
      'holds two folders',
      'two folders',
      "can't be read: other/data in it lies outside of its folder archive/: this is no checkpoint of PyTorch",
    ],
    [
      'is made of files that overlap, so that it may be small and yet unpack to much',
      'overlapping',
      "can't be read: the files in it take 4000 bytes or more, but it has only 2366",
    ],
    ['has a storage that is too short', 'short', "can't be read: storage 0 is F32 [4], which takes 16 bytes, but it has 15"],
    ['lacks a storage', 'lacking', "can't be read: storage 0 is not in it"],
    ['lacks its pickle', 'no pickle', "can't be read: it holds no data.pkl: this is no checkpoint of PyTorch"],
    ['is big-endian', 'big-endian', "can't be read: its numbers are big-endian, which are not read here"],
    [
      'is an archive of something else',
      'none',
      "can't be read: notes.txt in it lies outside of its folder (none): this is no checkpoint of PyTorch",
    ],
  ])('%s', async (_, name, message) => {
    expect(why(await readBytes(bytesOf(name)))).toBe(message)
  })

  /** The bytes with one text in place of another of the same length, everywhere. */
  const replaced = (name: string, from: string, to: string): Buffer =>
    Buffer.from(bytesOf(name).toString('latin1').replaceAll(from, to), 'latin1')

  it.each([
    ['is empty', Buffer.alloc(0), "can't be read: it is empty"],
    ['is something else', Buffer.from('{"a": 1}'), "can't be read: it is no checkpoint of PyTorch"],
    [
      'is cut off',
      bytesOf('small').subarray(0, 1000),
      "can't be read: End of central directory record signature not found. Either not a zip file, or file is truncated.",
    ],
    [
      'is cut off, in the old format',
      bytesOf('small legacy').subarray(0, -1),
      "can't be read: storage 0 reaches beyond its end: it is cut off",
    ],
    [
      'goes on after its end, in the old format',
      Buffer.concat([bytesOf('small legacy'), Buffer.of(1)]),
      "can't be read: 1 bytes follow its last storage, which belong to nothing",
    ],
    [
      'is another pickle',
      Buffer.from('\x80\x02K\x07.', 'latin1'),
      "can't be read: it is a pickle, but not by PyTorch: its magic number is missing",
    ],
    [
      'has a damaged storage',
      replaced('small', '\x00\x00\x80\x3f\x00\x00', '\x00\x00\x80\x3e\x00\x00'),
      "can't be read: storage 0 is damaged: its checksum is another",
    ],
    [
      'has a damaged pickle',
      replaced('small', '_rebuild_tensor_v2', '_rebuild_tensor_v3'),
      "can't be read: archive/data.pkl in it is damaged",
    ],
  ])('%s', async (_, bytes, message) => {
    expect(why(await readBytes(bytes))).toBe(message)
  })

  it('is not there, or is a folder', async () => {
    expect(await readAll(join(folder, 'nowhere.pth'))).toMatchObject({
      left: { _tag: 'Missing', message: `cannot read ${join(folder, 'nowhere.pth')}: there is no such file or folder` },
    })
    expect(await readAll(folder)).toMatchObject({
      left: { _tag: 'Missing', message: `cannot read ${folder}: it is a folder, not a file` },
    })
  })

  it.each([
    ['more elements than its storage', 'K\x00K\x05\x85K\x01\x85', 'a tensor [5] has 5 elements, but its storage 0 only 4'],
    ['elements of nowhere', 'K\x02K\x03\x85K\x01\x85', 'a tensor [3] reaches to element 5 of its storage 0, which has 4'],
    ['far strides', 'K\x00K\x02\x85K\x04\x85', 'a tensor [2] reaches to element 5 of its storage 0, which has 4'],
    ['fewer strides than sizes', 'K\x00K\x02K\x02\x86K\x01\x85', 'a tensor of storage 0 has no sizes and strides'],
    ['a negative size', 'K\x00J\xff\xff\xff\xff\x85K\x01\x85', 'a tensor of storage 0 has no sizes and strides'],
  ])('has a tensor with %s', async (_, view, message) => {
    // In the old format only the tensor's own words say how large it is: instead of [4] with strides [1].
    const bytes = bytesOf('small legacy').toString('latin1')
    const at = bytes.indexOf('K\x00K\x04\x85q')
    const changed = bytes.slice(0, at) + view + bytes.slice(at + 'K.K..q.K..q.'.length)
    expect(why(await readBytes(Buffer.from(changed, 'latin1')))).toBe(message)
  })
})

it('whatever is damaged in a checkpoint, a failure or tensors come back', async () => {
  const share = fc.double({ min: 0, max: 0.999, noNaN: true })
  const damage = fc.record({
    name: fc.constantFrom('small', 'small legacy', 'legacy', 'zip'),
    changed: fc.array(fc.record({ at: share, byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 }),
    end: fc.option(share),
  })
  let refused = 0
  await fc.assert(
    fc.asyncProperty(damage, async ({ name, changed, end }) => {
      const bytes = bytesOf(name)
      for (const { at, byte } of changed) bytes[Math.floor(at * bytes.length)] = byte
      const result = await readBytes(end === null ? bytes : bytes.subarray(0, Math.floor(end * bytes.length)))
      if (E.isLeft(result)) refused += 1
      return E.isRight(result) || result.left._tag === 'Missing'
    }),
    { numRuns: 500 },
  )
  expect(refused).toBeGreaterThan(200)
})

it('reads of a large file only what it is asked for', async () => {
  // A file of 64 GB, all but its ends a hole: who read it whole would need the memory.
  const large = join(folder, 'large.pth')
  writeFileSync(large, bytesOf('small legacy'))
  truncateSync(large, 2 ** 36)
  expect(why(await readAll(large))).toContain('bytes follow its last storage, which belong to nothing')
})

it('refuses a tensor of more dimensions than PyTorch has, at once', () => {
  const rank = 100_000
  const ones = Array.from({ length: rank }, () => 1)
  const storage = new Persistent(['storage', new Global('torch.FloatStorage'), '0', 'cpu', 1])
  const began = performance.now()
  expect(tensorOf(new Instance('torch._utils._rebuild_tensor_v2', [storage, 0, ones, ones]))).toEqual(
    E.left('a tensor of storage 0 has 100000 dimensions, more than the 64 of PyTorch'),
  )
  expect(performance.now() - began).toBeLessThan(1000)
})
