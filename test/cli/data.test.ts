/** `ibot data` as a process of its own. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { tarOf } from '../io/archive'
import { folder, ibot, start, TINY } from './ibot'

const png = (width: number, height: number, background: string): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

/** Two classes, with a duplicate, a grey picture, and two files that are no pictures. */
const pictures = async (): Promise<string> => {
  const top = folder()
  for (const name of ['cat', 'dog']) mkdirSync(join(top, 'train', name), { recursive: true })
  const files = {
    'cat/1.png': await png(30, 20, '#ff0000'),
    'cat/2.png': await png(30, 20, '#ff0000'),
    'cat/3.png': await png(30, 20, '#00ff00'),
    'dog/empty.png': new Uint8Array(0),
    'dog/grey.png': await png(10, 40, '#808080'),
    'dog/text.jpg': Buffer.from('no picture'),
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(top, 'train', name), content)
  return top
}

test('a folder', async () => {
  const at = await pictures()
  const { code, stdout, stderr } = await start(at, ['data', 'train'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.replaceAll(`${at}/`, '')).toMatchInlineSnapshot(`
    "imageFolder  train
    pictures    6
    classes     2, with 3 pictures each
    sizes       height 20 to 40, width 10 to 30; 2 sizes, most often 20 × 30 (75.0 %)
    channels    3, colour; 1 picture is grey
    mean        [0.637, 0.364, 0.091]
    std         [0.431, 0.431, 0.194]
    duplicates  1 picture has the pixels of another one
    unreadable  2 pictures
    the same pixels
      train/cat/1.png = train/cat/2.png
    unreadable
      train/dog/empty.png cannot be decoded: it is empty
      train/dog/text.jpg cannot be decoded: Input buffer contains unsupported image format
    "
  `)
})

test('some pictures of a folder, which a list names', async () => {
  const at = await pictures()
  writeFileSync(join(at, 'some.txt'), 'cat/1.png\ncat/3.png\n')
  writeFileSync(join(at, 'tiny.yaml'), TINY)
  const some = ['--set', 'dataset={ imageFolder: { path: train, subset: some.txt } }', '--set', 'train.batch=2']
  const { stdout, stderr } = await start(at, ['data', 'tiny.yaml', ...some])
  expect(stderr).toBe('some.txt names no picture of 1 of the 2 classes: dog\n')
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'dataset  some.txt of train',
    'pictures    2',
    'classes     2, with 0 (dog) to 2 (cat) pictures',
  ])
  writeFileSync(join(at, 'some.txt'), 'cat/1.png\n3.JPEG\n')
  expect(await start(at, ['check', 'tiny.yaml', ...some])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('1 of the 2 names in some.txt are of no picture in train: 3.JPEG\n'),
  })
})

test('a pipeline: its data set and that of its probe, and what they have in common', async () => {
  const { code, stdout } = await ibot('data', 'tiny.yaml', '--set', 'knn.test.shapes.seed=0')
  expect(code).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "dataset  24 shapes of 8×8 (seed 0)
    pictures    24
    classes     6, with 4 pictures each
    sizes       all 8 × 8
    channels    3, colour
    mean        [0.415, 0.410, 0.412]
    std         [0.244, 0.234, 0.249]
    duplicates  none
    unreadable  none

    knn.test  12 shapes of 8×8 (seed 0)
    pictures    12
    classes     6, with 2 pictures each
    sizes       all 8 × 8
    channels    3, colour
    mean        [0.429, 0.391, 0.429]
    std         [0.257, 0.247, 0.269]
    duplicates  none
    unreadable  none

    problem  12 pictures of knn.test are in dataset too
      picture 0 = picture 0
      picture 1 = picture 1
      picture 2 = picture 2
      picture 3 = picture 3
      picture 4 = picture 4
      picture 5 = picture 5
      picture 6 = picture 6
      picture 7 = picture 7
      picture 8 = picture 8
      picture 9 = picture 9
      … and 2 more; all of them with --json
    "
  `)
})

test('--json tells all of it in one object', async () => {
  const { code, stdout } = await start(await pictures(), ['data', 'train', '--images', '3', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    sets: [{ role: 'imageFolder', name: 'train', count: 6, looked: 3, grey: 1, unreadable: [], duplicates: [] }],
    common: [],
  })
})

test('a file of data stands for itself', async () => {
  const at = folder({
    'a.tar': tarOf(['1.png', await png(3, 2, '#000000')]),
    'a.png': await png(3, 2, '#ffffff'),
    'list.txt': 'a.png\n',
  })
  expect((await start(at, ['data', 'a.tar'])).stdout).toMatch(/^tarShards {2}a\.tar\npictures {4}1\n/)
  expect((await start(at, ['data', 'list.txt'])).stdout).toMatch(/^imageList {2}list\.txt\npictures {4}1\n/)
})

test('what is wrong is told, with the exit code of its kind', async () => {
  const at = folder()
  const gone = await start(at, ['data', 'gone.csv'])
  expect(gone.code).toBe(3)
  expect(gone.stderr).toContain('cannot read the list of pictures gone.csv: there is no such file or folder')
  const json = await start(at, ['data', 'gone.yaml', '--json'])
  expect(json.code).toBe(2)
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, exit: 2, problems: [{ code: 'no-file' }] })
  expect((await start(at, ['data', '.'])).stderr).toContain('. holds no pictures: it has no files')
})
