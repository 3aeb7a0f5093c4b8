import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing } from '../../src/base/failure'
import { type ImageList, imageList } from '../../src/io/imageList'
import type { Source } from '../../src/io/source'

const top = mkdtempSync(join(tmpdir(), 'ibot-list-'))
afterAll(() => rmSync(top, { recursive: true }))

/** a.png is dark, sub/b c.png light. */
beforeAll(async () => {
  mkdirSync(join(top, 'sub'))
  for (const [name, shade] of [
    ['a.png', '#101010'],
    ['sub/b c.png', '#f0f0f0'],
  ] as const)
    await sharp({ create: { width: 2, height: 1, channels: 3, background: shade } }).toFile(join(top, name))
})

const listed = (name: string, content: string | Uint8Array, options: Partial<ImageList> = {}) => {
  writeFileSync(join(top, name), content)
  return imageList({ path: join(top, name), image: 'path', channels: 3, ...options })()
}
const opened = async (...args: Parameters<typeof listed>): Promise<Source> => {
  const source = await listed(...args)
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const labels = (source: Source) => Array.from({ length: source.count }, (_, i) => source.label(i))
/** The first value of each picture, or why it can't be read. */
const shades = (source: Source) =>
  Promise.all(
    Array.from({ length: source.count }, async (_, i) => {
      const picture = await source.read(i)
      return E.isRight(picture) ? picture.right.data[0] : picture.left
    }),
  )

describe('imageList', () => {
  it('reads one path a line, in its order, relative to the list or absolute', async () => {
    const source = await opened('plain.txt', `sub/b c.png\r\n\n${join(top, 'a.png')}  \nsub/b c.png`)
    expect(source).toMatchObject({ name: join(top, 'plain.txt'), count: 3, channels: 3, size: undefined, classes: [] })
    expect(labels(source)).toEqual([undefined, undefined, undefined])
    expect(await shades(source)).toEqual([0xf0, 0x10, 0xf0])
  })

  it('reads relative paths from the root that is given', async () => {
    expect(await shades(await opened('rooted.txt', 'b c.png', { root: join(top, 'sub') }))).toEqual([0xf0])
  })

  it('takes numbers behind a blank for labels where all lines have one', async () => {
    const source = await opened('val.txt', 'sub/b c.png 2\na.png 0\n')
    expect(source.classes).toEqual(['0', '1', '2'])
    expect(labels(source)).toEqual([2, 0])
    expect(await shades(source)).toEqual([0xf0, 0x10])
    expect((await opened('paths.txt', 'photo 1\na.png')).classes).toEqual([])
  })

  it('takes what is behind a tab for a label, number or name', async () => {
    const source = await opened('names.txt', 'a.png\tgreen apple\nsub/b c.png\tZebra\na.png\tgreen apple\n')
    expect(source.classes).toEqual(['Zebra', 'green apple'])
    expect(labels(source)).toEqual([1, 0, 1])
    expect(await shades(source)).toEqual([0x10, 0xf0, 0x10])
    expect(labels(await opened('numbers.txt', 'a.png\t3\nsub/b c.png\t1'))).toEqual([3, 1])
  })

  it('reads tables with blanks around the commas, in the header too, and loses no label', async () => {
    for (const csv of [
      'path, label\na.png, cat\nsub/b c.png,dog\n',
      'label ,path\ncat, a.png\ndog, sub/b c.png\n',
      '"path", "label"\r\n"a.png", "cat"\r\nsub/b c.png , " dog"\r\n',
      'path,\tlabel \na.png,\tcat\nsub/b c.png,dog',
    ]) {
      const source = await opened('blanks.csv', csv)
      expect(source.classes).toEqual(['cat', 'dog'])
      expect(labels(source)).toEqual([0, 1])
      expect(await shades(source)).toEqual([0x10, 0xf0])
    }
    const tsv = await opened('blanks.tsv', 'path \t label\na.png\t cat\nsub/b c.png\tdog\n')
    expect(labels(tsv)).toEqual([0, 1])
  })

  it('tells that a table has other columns, but no labels', async () => {
    const told: string[] = []
    const path = join(top, 'other.csv')
    writeFileSync(path, 'path,Label\na.png,cat\n')
    const source = await imageList({ path, image: 'path', channels: 3 }, (message) => told.push(message))()
    expect(source).toMatchObject({ right: { classes: [] } })
    expect(told).toEqual([
      `${path} has no column 'label', so its pictures have no labels; its columns are 'path', 'Label': say with 'label' which one holds them`,
    ])
  })

  it('names lines that are pipes or devices when they are read, and reads the others', async () => {
    execFileSync('mkfifo', [join(top, 'pipe.png')])
    const reason = 'it is a pipe, a socket or a device, not a file'
    expect(await shades(await opened('odd.txt', `a.png\n/dev/zero\npipe.png\nsub\n`))).toEqual([
      0x10,
      missing(`cannot read the picture /dev/zero: ${reason}`, 'Name a file.'),
      missing(`cannot read the picture ${join(top, 'pipe.png')}: ${reason}`, 'Name a file.'),
      missing(`cannot read the picture ${join(top, 'sub')}: it is a folder, not a file`, 'Name a file.'),
    ])
  })

  it('takes little memory for many entries, and refuses what no list has', async () => {
    const many = 300_000
    const before = process.memoryUsage().rss
    const source = await opened('many.txt', 'some/folder/picture.png 3\n'.repeat(many))
    expect(source.count).toBe(many)
    expect(source.label(many - 1)).toBe(3)
    expect(process.memoryUsage().rss - before).toBeLessThan(3e8)
    expect(await listed('long.txt', `a.png\n${'b'.repeat(20_000)}\n`)).toMatchObject({
      left: { message: `${join(top, 'long.txt')}:2 names a picture in 20000 letters, which no path has` },
    })
    expect(await listed('wide.csv', `path${','.repeat(2_000_000)}\n`)).toMatchObject({
      left: { message: `${join(top, 'wide.csv')}:1 has 2000004 letters, which are no row of a table` },
    })
  })

  it('refuses a file without ends of lines as soon as it is no list', async () => {
    for (const [name, what] of [
      ['endless.txt', /:1 names a picture in \d+ letters, which no path has$/],
      ['endless.csv', /:1 has \d+ letters, which are no row of a table$/],
    ] as const) {
      writeFileSync(join(top, name), '')
      truncateSync(join(top, name), 2 ** 34)
      expect(await imageList({ path: join(top, name), image: 'path', channels: 3 })()).toMatchObject({
        left: { message: expect.stringMatching(what) },
      })
    }
  })

  it('refuses a list that is a pipe', async () => {
    execFileSync('mkfifo', [join(top, 'list.txt')])
    const path = join(top, 'list.txt')
    expect(await imageList({ path, image: 'path', channels: 3 })()).toEqual(
      E.left(missing(`cannot read the list of pictures ${path}: it is a pipe, a socket or a device, not a file`, 'Name a file.')),
    )
  })

  it('reads tables with quotes, other columns and other separators', async () => {
    const csv = await opened('a.csv', '\ufeffid,path,label\n7,"sub/b c.png","cat, wild"\n8,a.png,dog\n')
    expect(csv.classes).toEqual(['cat, wild', 'dog'])
    expect(labels(csv)).toEqual([0, 1])
    expect(await shades(csv)).toEqual([0xf0, 0x10])
    const tsv = await opened('a.tsv', 'file_name\tclass\na.png\t1\n', { image: 'file_name', label: 'class' })
    expect(tsv.classes).toEqual(['0', '1'])
    expect(await shades(tsv)).toEqual([0x10])
    expect((await opened('bare.csv', 'path\na.png\n')).classes).toEqual([])
  })

  it('looks labels up in the names that are given, and takes numbers for their places', async () => {
    const classes = ['dog', 'cat', '0']
    expect(labels(await opened('given.txt', 'a.png\tcat\na.png\t0\na.png\t1', { classes }))).toEqual([1, 2, 1])
  })

  it('has a fingerprint that changes with paths, their order and labels', async () => {
    const texts = ['a.png\t0\nb.png\t1', 'b.png\t1\na.png\t0', 'a.png\t1\nb.png\t0', 'a.png\nb.png', 'a.png\tx\nb.png\ty']
    const all = await Promise.all(texts.map(async (text, i) => (await opened(`f${i}.txt`, text)).fingerprint))
    expect(new Set(all).size).toBe(texts.length)
    expect((await opened('again.txt', texts[0]!)).fingerprint).toBe(all[0])
  })

  it('names a picture that is not there when it is read, and reads the others', async () => {
    expect(await shades(await opened('gone.txt', 'gone.png\na.png'))).toEqual([
      missing(
        `cannot read the picture ${join(top, 'gone.png')}: there is no such file or folder`,
        'Check the path; it is taken from the folder in which the command runs.',
      ),
      0x10,
    ])
  })

  const columns = (key: string) => `Say with '${key}' which column it is; the first row must hold the columns' names.`
  const unnamed = 'Labels are whole numbers from 0 to 999,999, or names of classes.'
  it.each<[string, string, string | Uint8Array, Partial<ImageList>, string, string]>([
    ['an empty file', 'x.txt', '\n \n', {}, 'PATH lists no picture', 'Put one path on each line.'],
    ['a table without rows', 'x.csv', 'path,label\n', {}, 'PATH lists no picture', 'Put one path on each line.'],
    ['an empty table', 'x.csv', '', {}, "PATH has no column 'path'; its first row names none", columns('image')],
    ['no column of paths', 'x.csv', 'a,b\n1,2', {}, "PATH has no column 'path'; its first row names 'a', 'b'", columns('image')],
    [
      'no column of labels',
      'x.csv',
      'path,b\n1,2',
      { label: 'class' },
      "PATH has no column 'class'; its first row names 'path', 'b'",
      columns('label'),
    ],
    [
      'a short row',
      'x.csv',
      'path,label\na.png',
      {},
      'PATH is no table: Invalid Record Length: expect 2, got 1 on line 2',
      'Every row needs as many fields as the first, which names them.',
    ],
    [
      'a row without a path',
      'x.csv',
      'path,label\na.png,1\n,2',
      {},
      'PATH:3 names no picture',
      'Put a path there or remove the line.',
    ],
    [
      'labels for some only',
      'x.txt',
      'a.png\tdog\n\nb.png\n',
      {},
      'PATH:3 has no label, but others have',
      'Give all pictures a label, or none.',
    ],
    ['a negative label', 'x.csv', 'path,label\na.png,-1\n', {}, "PATH:2 has the label '-1', which is no class", unnamed],
    ['a huge label', 'x.txt', 'a.png 1\nb.png 1000000', {}, "PATH:2 has the label '1000000', which is no class", unnamed],
    [
      'a label that is not among the names',
      'x.txt',
      'a.png\tdog\nb.png\t2',
      { classes: ['dog', 'cat'] },
      "PATH:2 has the label '2', which is no class of the 2 that are named",
      'Name all classes, or leave the names out.',
    ],
    [
      'bytes that are no text',
      'x.txt',
      Uint8Array.of(0xff, 0xd8, 0xff),
      {},
      'the list of pictures PATH is not text in UTF-8',
      'Name a text file, or save it as UTF-8.',
    ],
  ])('refuses %s', async (_, name, content, options, message, remedy) => {
    expect(await listed(name, content, options)).toEqual(E.left(missing(message.replace('PATH', join(top, name)), remedy)))
  })

  it('refuses a list that is not there', async () => {
    expect(await imageList({ path: 'gone.txt', image: 'path', channels: 3 })()).toEqual(
      E.left(
        missing(
          'cannot read the list of pictures gone.txt: there is no such file or folder',
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })
})
