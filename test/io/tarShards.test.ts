import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { missing } from '../../src/base/failure'
import { thisProcess } from '../../src/base/holder'
import { EXTENSIONS } from '../../src/io/extensions'
import type { Source } from '../../src/io/source'
import { type TarShards, tarShards } from '../../src/io/tarShards'
import { TAR_END, tarHeader, tarMember, tarOf } from './archive'

const top = mkdtempSync(join(tmpdir(), 'ibot-tar-'))
const cache = join(top, 'cache', 'unpacked')
beforeAll(() => vi.stubEnv('IBOT_CACHE', join(top, 'cache')))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(top, { recursive: true })
})
let folder: string
let folders = 0
beforeEach(() => {
  folder = join(top, `shards${folders++}`)
  mkdirSync(folder)
})

/** Pictures of one shade. */
const shade = async (value: number): Promise<Buffer> =>
  sharp({ create: { width: 2, height: 1, channels: 3, background: { r: value, g: value, b: value } } })
    .png()
    .toBuffer()
let dark: Buffer
let light: Buffer
beforeAll(async () => {
  dark = await shade(16)
  light = await shade(240)
})

const stored = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const open = (shards: string | readonly string[], options: Partial<TarShards> = {}, told: string[] = []) =>
  tarShards({ shards: [shards].flat(), channels: 3, ...options }, (message) => told.push(message))()
const opened = async (...args: Parameters<typeof open>): Promise<Source> => {
  const source = await open(...args)
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))
const read = async (source: Source, i: number) => {
  const picture = await source.read(i)
  return E.isRight(picture) ? picture.right.data[0] : picture.left
}
const shades = (source: Source) => Promise.all(Array.from({ length: source.count }, (_, i) => read(source, i)))

/** Two samples, a.png and ü.PNG, by Python's tarfile in its three formats; the first lies in folders with long names. Gzipped. */
const BY_PYTHON: Readonly<Record<string, string>> = {
  GNU: 'H4sIAAAAAAACA9PT19N38MnPS/fJzMtmoA0wgABctIGRgRGcDRE3NzcxZ1DwYaADKC0uSSxSUGAYoSBFv4ICoF9JAdBP1CvIS2cYBcM9/kGZ2szEBGf+NzQ0QM3/xqYGxmYMCgaj+Z/moDPAz52XS4oLyOT19HAJAtJMQMzIASKrHV7cBVL8ni6OIRVzkkUEBBISEoAC/xiMag+rbQDp93T1c1nnlNA0mpOGJtAbrf9H6/8Bq/+Tc4pHs+CIr/+BLQDM+t90tP6nBzAczQIjGhzeowdsAdLWDpLb/wbmhkaGo/l/sLX//3x4yAwEDHxyTJfMF/ApjLb/h0X+p3kjjHD9j9H+NzId7f/TBRhwjeaBUTAKRsEoGAWjYBSMglEwCkbBKBgFo2AUjILhDADYtqwqACgAAA==',
  PAX: 'H4sIAAAAAAACA9PT19N3CEis8EhNTEktYqAJMIAAXLSBkaExnA0WNwQKGTIoVDDQAZQWlyQWAa1nGJnA0NhSoSCxJMM2Rb+CAqBfSQHQT9QryEvnYhgF9Af0iHZQpjYzMcGZ/w0NDVDzv7GpgbkZg4LBaP6nOegM8HPn5ZICZT5eTw+XICDNBMSMHCCy2uHFXSDF7+niGFIxJ1lEQCAhIQEo8I/BqPaw2gaQfk9XP5d1TglNozlpaAK90fp/tP4f+Po/Oad4tP4fqfU/sAWAWf+bjtb/dMn/o1lgtP4f4PrfwNAcs/43Hq3/6ZL/TSHV/+E9esCewGgdPNKAPSjaaWwHyf1/oGozw9H6f7D1//98eMgMBAx8ckyXzBfwKYz2/0fr/9H6f9jU/6N98BFZ/wOjfYDrfwMDI/T638xwdPyfLsBgNMuPglEwCkbBKBgFo2AUjCgAAOOvSpUAKAAA',
  USTAR:
    'H4sIAAAAAAACA6usJB/oJ+oV5KUzEAQGQGBmYgKmgQCdNjA0RLDB4ibGxmaGDAoGDHQApcUliUVA66ltbop+BQWAgV6gM8DPnZdLigvI5PX0cAkC0kxAzMgBIqsdXtwFUvyeLo4hFXOSRQQEEhISgAL/GIxqD6ttAOn3dPVzWeeU0MQwCoYkqKQs/yfnFFOe/4ElAEb+NzUdzf/0AIajWWBEg8N79IA1AG3tILn+NzA3HPL1/xABpNT/fz48ZAYCBj45pkvmC/gURuv/YZH/iarDaZn/DQyM0PO/saHZaP6nBzDgGs0Do2AUjIJRMApGwSgYBaNgFIyCUTAKRsEoGAWjYBSMglEwCkbBKBgFwwkAALpFsAoAKAAA',
}

describe('tarShards', () => {
  it('reads samples in any order, with their labels, whatever else belongs to them', async () => {
    const path = stored(
      'a.tar',
      tarOf(
        ['./', ''],
        ['b/2.cls', '3\n'],
        ['b/2.json', '{}'],
        ['b/2.PNG', light],
        ['b/2.mask.png', 'another picture'],
        ['a.1.png', dark],
        ['a.cls', '0'],
        ['a.jpg', dark],
        ['README', 'no sample'],
        ['._c.jpg', 'no picture'],
      ),
    )
    // 'a.1.png' is of the sample a, and is its '1.png'.
    const source = await opened(path)
    expect(source).toMatchObject({ name: path, count: 2, channels: 3, size: undefined, classes: ['0', '1', '2', '3'] })
    expect(labels(source)).toEqual([3, 0])
    expect(await read(source, 1)).toBe(16)
    expect(await read(source, 0)).toBe(240)
  })

  it.each(Object.entries(BY_PYTHON))('reads the %s format as Python writes it', async (_, packed) => {
    const source = await opened(stored('python.tar', gunzipSync(Buffer.from(packed, 'base64'))))
    expect(labels(source)).toEqual([1, 0])
    expect(await shades(source)).toEqual([16, 240])
  })

  it('reads several shards: braces, stars, lists, each once', async () => {
    for (const [i, bytes] of [dark, light, dark, light].entries()) stored(`t-0${i}.tar`, tarOf([`${i}.png`, bytes]))
    expect(await shades(await opened(join(folder, 't-{00..02}.tar')))).toEqual([16, 240, 16])
    expect(await shades(await opened(join(folder, 't-0[13].tar')))).toEqual([240, 240])
    expect(await shades(await opened(join(folder, '*.tar')))).toEqual([16, 240, 16, 240])
    expect(await shades(await opened([join(folder, 't-03.tar'), join(folder, 't-{03,00}.tar')]))).toEqual([240, 16])
  })

  it('unpacks a gzipped shard into the cache, once', async () => {
    const plain = tarOf(['1.png', dark], ['1.cls', 'cat'], ['2.png', light], ['2.cls', 'ape'])
    const path = stored('z.tar.gz', gzipSync(plain))
    const told: string[] = []
    const source = await opened(path, {}, told)
    expect(source.classes).toEqual(['ape', 'cat'])
    expect(labels(source)).toEqual([1, 0])
    expect(await shades(source)).toEqual([16, 240])
    expect(told).toEqual([`unpacking ${path} into ${cache}`])
    const again = await opened(path, {}, told)
    expect(told).toHaveLength(1)
    expect(again.fingerprint).toBe(source.fingerprint)
    expect((await opened(stored('z.tar', plain))).fingerprint).toBe(source.fingerprint)
    writeFileSync(path, gzipSync(tarOf(['3.png', light])))
    utimesSync(path, 1, 1)
    expect(await shades(await opened(path, {}, told))).toEqual([240])
    expect(told).toHaveLength(2)
  })

  it('has a fingerprint that changes with names, sizes and labels, not with the folder', async () => {
    const archives = [
      tarOf(['1.png', dark], ['1.cls', '0']),
      tarOf(['1.png', dark], ['1.cls', '1']),
      tarOf(['2.png', dark], ['2.cls', '0']),
      tarOf(['1.png', Buffer.concat([dark, dark])], ['1.cls', '0']),
      tarOf(['1.png', dark]),
    ]
    const prints = await Promise.all(archives.map(async (bytes, i) => (await opened(stored(`${i}.tar`, bytes))).fingerprint))
    expect(new Set(prints).size).toBe(archives.length)
    mkdirSync(join(folder, 'sub'))
    expect((await opened(stored('sub/x.tar', archives[0]!))).fingerprint).toBe(prints[0])
  })

  it('names a damaged picture when it is read, and reads the others', async () => {
    const path = stored('a.tar', tarOf(['1.png', 'no picture'], ['2.png', ''], ['3.png', dark]))
    const remedy = 'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.'
    expect(await shades(await opened(path))).toEqual([
      missing(`${path}: 1.png cannot be decoded: Input buffer contains unsupported image format`, remedy),
      missing(`${path}: 2.png cannot be decoded: it is empty`, remedy),
      16,
    ])
  })

  it('names a shard that vanishes or shrinks while it is in use', async () => {
    const path = stored('a.tar', tarOf(['1.png', dark]))
    const source = await opened(path)
    writeFileSync(path, tarOf(['1.png', dark]).subarray(0, 520))
    expect(await read(source, 0)).toEqual(
      missing(`${path} ends after 520 bytes, before what is read from it`, 'Fetch the file again; it is cut off.'),
    )
    rmSync(path)
    expect(await read(source, 0)).toEqual(
      missing(
        `cannot read ${path}: there is no such file or folder`,
        'Check the path; it is taken from the folder in which the command runs.',
      ),
    )
  })

  const CUT = 'Fetch the shard again; it is cut off.'
  it('refuses a shard that is cut in half, wherever', async () => {
    const whole = tarOf(['1.png', dark], ['2.png', dark])
    const path = join(folder, 'cut.tar')
    for (let length = 1; length <= whole.length - TAR_END.length; length += 97) {
      writeFileSync(path, whole.subarray(0, length))
      expect(E.isLeft(await open(path))).toBe(true)
    }
    expect(await open(stored('cut.tar', whole.subarray(0, 1100)))).toEqual(
      E.left(missing(`${path} ends without the mark of a tar archive's end, at byte 1,100`, CUT)),
    )
    expect(await open(stored('cut.tar', whole.subarray(0, 520)))).toEqual(
      E.left(missing(`${path} ends within 1.png, which begins at byte 512`, CUT)),
    )
  })

  it("reads a shard without the mark of its end, as Python's tarfile does, and tells of it", async () => {
    const told: string[] = []
    const path = stored('endless.tar', tarOf(['1.png', dark], ['2.png', light]).subarray(0, 2048))
    expect(await shades(await opened(path, {}, told))).toEqual([16, 240])
    expect(told).toEqual([`${path} lacks the mark of a tar archive's end; if it was cut off, pictures are missing`])
    expect(await shades(await opened(stored('endless.tar.gz', gzipSync(readFileSync(path)))))).toEqual([16, 240])
  })

  const pax = (records: string): Buffer =>
    Buffer.concat([tarHeader('pax', records.length, 'x'), Buffer.from(records.padEnd(512, '\0'))])
  it.each<[string, () => Uint8Array, string]>([
    ['a record of 1e-9 bytes', () => pax('1e-9 path=1.png\n'), 'a pax header whose records have no sound lengths'],
    ['a record of -20 bytes', () => pax('-20 path=1.png\n'), 'a pax header whose records have no sound lengths'],
    ['a record of 0x14 bytes', () => pax('0x14 path=1.png\n    '), 'a pax header whose records have no sound lengths'],
    ['a record longer than all', () => pax('99 path=1.png\n'), 'a pax header whose records have no sound lengths'],
    ['records without end', () => pax('9'.repeat(400)), 'a pax header whose records have no sound lengths'],
    ...['-512', '1e-9', '0x10', '+5', ' 5', 'Infinity', ''].map((size): [string, () => Uint8Array, string] => [
      `the size '${size}'`,
      () => {
        const rest = ` size=${size}\n`
        return Buffer.concat([pax(`${rest.length + (rest.length > 8 ? 2 : 1)}${rest}`), tarMember('1.png', dark)])
      },
      'a member whose length is no number',
    ]),
    [
      'a negative binary size',
      () => {
        const header = tarHeader('1.png', 0)
        header.fill(0xff, 124, 136)
        header.write(' '.repeat(8), 148)
        const sum = header.reduce((total, byte) => total + byte, 0)
        header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
        return header
      },
      'a member whose length is no number',
    ],
  ])('refuses %s at once', async (_, content, what) => {
    const path = stored('odd.tar', Buffer.concat([tarMember('0.png', dark), content(), TAR_END]))
    const failure = await open(path)
    expect(failure).toMatchObject({ left: { _tag: 'Missing', message: expect.stringContaining(what) } })
  })

  it('takes the size that sound pax records give', async () => {
    const member = tarMember('1.png', dark)
    member.write('0'.repeat(11), 124)
    member.write(' '.repeat(8), 148)
    const sum = member.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    member.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const size = ` size=${dark.length}\n`
    const path = stored('sized.tar', Buffer.concat([pax(`${size.length + 2}${size}`), member, TAR_END]))
    expect(await shades(await opened(path))).toEqual([16])
  })

  it('says of a sample whose members lie apart that they do', async () => {
    const path = stored('apart.tar', tarOf(['1.jpg', dark], ['2.jpg', dark], ['1.cls', '0'], ['2.cls', '1']))
    expect(await open(path)).toEqual(
      E.left(
        missing(
          `${path}: the members of sample 1 don't follow each other: others come between its label and 1.jpg`,
          'Write the shard again with the members of each sample next to each other, as WebDataset needs them: tar --sort=name.',
        ),
      ),
    )
  })

  it('comes to an end with the longest of names', async () => {
    const long = `${'a/'.repeat(32_000)}b\0`
    const named = Buffer.concat([tarHeader('././@LongLink', long.length, 'L'), Buffer.from(long.padEnd(64_512, '\0'))])
    const began = performance.now()
    const failure = await open(stored('long.tar', Buffer.concat([named, tarMember('x', dark), TAR_END])))
    expect(failure).toMatchObject({ left: { message: expect.stringMatching(/is a name of 64001 letters$/) } })
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('refuses a gzipped bomb before it is unpacked, and a gzipped file that is no shard', async () => {
    const zeros = gzipSync(Buffer.alloc(2 ** 24))
    const path = stored(
      'bomb.tar.gz',
      Buffer.concat([gzipSync(tarHeader('1.png', 8 ** 11 - 1)), ...Array.from({ length: 28 }, () => zeros)]),
    )
    const before = readdirSync(cache).length
    expect(await open(path)).toEqual(
      E.left(
        missing(
          `${path} is gzipped, and unpacks to more than 100 times its length`,
          'Name another file, or unpack this one yourself: gunzip.',
        ),
      ),
    )
    const text = stored('text.gz', gzipSync(Buffer.alloc(2 ** 20, 'x')))
    expect(await open(text)).toEqual(E.left(missing(`${text} is no tar archive`, 'Name tar archives, plain or gzipped.')))
    expect(readdirSync(cache)).toHaveLength(before)
  })

  it('names a member that is larger than any picture when it is read, and reads nothing of it', async () => {
    const [path, length] = [join(folder, 'huge.tar'), 3 * 2 ** 30]
    writeFileSync(path, tarHeader('1.png', length))
    truncateSync(path, 512 + length + 1024)
    const source = await opened(path)
    expect(await read(source, 0)).toMatchObject({ message: `${path}: 1.png cannot be decoded: it has more than 600 MB` })
  })

  it('removes what killed processes left in the cache, and nothing that is still written', async () => {
    const left = (name: string, by: object | undefined, age = 0): string => {
      const file = join(cache, `${name}.${'0123456789ab'}.tmp`)
      writeFileSync(file, 'half of it')
      if (by !== undefined) writeFileSync(`${file}.by`, JSON.stringify(by))
      utimesSync(file, Date.now() / 1000 - age, Date.now() / 1000 - age)
      return file
    }
    await opened(stored('first.tar.gz', gzipSync(tarOf(['1.png', dark]))))
    const gone = left('gone', { ...thisProcess(), pid: 2 ** 22 + 1 })
    const living = left('living', thisProcess(), 3600)
    const elsewhere = left('elsewhere', { ...thisProcess(), namespace: 'another' })
    const abandoned = left('abandoned', { ...thisProcess(), namespace: 'another' }, 3600)
    const old = left('old', undefined, 3600)
    const fresh = left('fresh', undefined)
    await opened(stored('second.tar.gz', gzipSync(tarOf(['1.png', light]))))
    expect([gone, living, elsewhere, abandoned, old, fresh].map((file) => existsSync(file))).toEqual([
      false,
      true,
      true,
      false,
      false,
      true,
    ])
    expect(
      readdirSync(cache)
        .filter((name) => name.endsWith('.by'))
        .sort(),
    ).toEqual([living, elsewhere].map((file) => `${basename(file)}.by`).sort())
  })

  it('refuses a gzipped shard that is cut in half, and leaves nothing of it', async () => {
    const before = readdirSync(cache).length
    const packed = gzipSync(tarOf(['1.png', dark], ['2.png', light]))
    const path = stored('cut.tar.gz', packed.subarray(0, packed.length / 2))
    expect(await open(path)).toEqual(
      E.left(
        missing(
          `${path} is gzipped, but cannot be unpacked: unexpected end of file`,
          'Fetch the file again; it is damaged or cut off.',
        ),
      ),
    )
    expect(readdirSync(cache)).toHaveLength(before)
  })

  const broken = (): Buffer => {
    const whole = tarOf(['1.png', dark], ['2.png', dark])
    whole[1024 + 3] = 0x7f
    return whole
  }
  const member = `Members need names such as 000001.jpg and 000001.cls. Read are ${EXTENSIONS.join(' ')}.`
  it.each<[string, () => Uint8Array, string, string]>([
    ['another format', () => Buffer.alloc(600, 'x'), 'PATH is no tar archive', 'Name tar archives, plain or gzipped.'],
    ['an empty file', () => Buffer.alloc(0), "PATH ends without the mark of a tar archive's end, at byte 0", CUT],
    ['a damaged header', broken, 'PATH is damaged: there is no tar header at byte 1,024', 'Fetch the shard again.'],
    [
      'a huge name',
      () => Buffer.concat([tarHeader('././@LongLink', 70_000, 'L'), Buffer.alloc(70_656), TAR_END]),
      'PATH is damaged: at byte 0 is a name of 70000 bytes',
      'Fetch the shard again.',
    ],
    ['no picture', () => tarOf(['1.txt', 'x'], ['png', 'x']), 'PATH hold no picture', member],
    [
      'a label without a picture',
      () => tarOf(['1.png', dark], ['1.cls', '0'], ['d/2.cls', '1']),
      'PATH: sample d/2 has a label but no picture',
      `Read are ${EXTENSIONS.join(' ')}.`,
    ],
    [
      'labels for some only',
      () => tarOf(['1.png', dark], ['1.cls', '0'], ['2.png', dark], ['3.png', dark], ['3.cls', '0']),
      'PATH: sample 2 has no label (.cls), but others have',
      'Give all pictures a label, or none.',
    ],
    [
      'two pictures in a sample',
      () => tarOf(['1.png', dark], ['1.jpg', dark]),
      'PATH: sample 1 has two pictures, 1.png and 1.jpg',
      'Keep one of them, or name the other as no picture: key.mask.png.',
    ],
    [
      'a label that is none',
      () => tarOf(['1.png', dark], ['1.cls', '-1']),
      "PATH: 1.png has the label '-1', which is no class",
      'Labels are whole numbers from 0 to 999,999, or names of classes.',
    ],
    [
      'a very long label',
      () => tarOf(['1.png', dark], ['1.cls', 'x'.repeat(2000)]),
      'PATH: 1.cls has 2000 bytes, which are no label',
      'Put a number of a class there.',
    ],
  ])('refuses %s', async (_, content, message, remedy) => {
    const path = stored('bad.tar', content())
    expect(await open(path)).toEqual(E.left(missing(message.replace('PATH', path), remedy)))
  })

  it('refuses shards that are not there', async () => {
    stored('t-0.tar', tarOf(['1.png', dark]))
    const pattern = join(folder, 't-{0..3}.tar')
    const remedy = 'Check the path; it is taken from the folder in which the command runs.'
    expect(await open(pattern)).toEqual(
      E.left(missing(`${join(folder, 't-1.tar')} is not there, nor are 2 more of the 4 files of ${pattern}`, remedy)),
    )
    expect(await open('gone.tar')).toEqual(E.left(missing('gone.tar is not there', remedy)))
    expect(await open(join(folder, '*.tgz'))).toEqual(
      E.left(missing(`${join(folder, '*.tgz')} matches no file`, 'Check the pattern; * stands for any part of a name.')),
    )
    expect(await open(folder)).toEqual(E.left(missing(`cannot read ${folder}: it is a folder, not a file`, 'Name a file.')))
  })

  it('passes links over', async () => {
    const path = stored('odd.tar', Buffer.concat([tarHeader('l.png', 0, '2'), tarMember('1.png', dark), TAR_END]))
    expect(await shades(await opened(path))).toEqual([16])
  })
})
