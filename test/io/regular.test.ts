/** Pipes and devices are named, and nothing waits for them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cifarSource } from '../../src/io/cifar'
import { decodePicture } from '../../src/io/decode'
import { idxSource } from '../../src/io/idx'
import { imageList } from '../../src/io/imageList'
import { npySource } from '../../src/io/npy'
import { parquetSource } from '../../src/io/parquet'
import { readSafetensors } from '../../src/io/safetensorsFile'
import { tarShards } from '../../src/io/tarShards'
import { withTorchCheckpoint } from '../../src/io/torchCheckpoint'
import { kindOf } from '../../src/weights/tensors'

const folder = mkdtempSync(join(tmpdir(), 'ibot-regular-'))
beforeAll(() => {
  execFileSync('mkfifo', [join(folder, 'pipe'), join(folder, 'test_batch.bin')])
  symlinkSync('/dev/zero', join(folder, 'zero'))
  writeFileSync(join(folder, 'batches.meta.txt'), 'cat\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const READERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  decodePicture: (path) => decodePicture(path, { channels: 3 }),
  imageList: (path) => imageList({ path, image: 'path', channels: 3 })(),
  idx: (path) => idxSource({ images: path })(),
  npy: (path) => npySource({ images: path })(),
  tarShards: (path) => tarShards({ shards: [path], channels: 3 }, () => undefined)(),
  parquet: (path) => parquetSource({ files: [path], image: 'image', channels: 3 }, () => undefined)(),
  cifar: () => cifarSource({ path: folder, split: 'test', labels: 'fine' })(),
  safetensors: (path) => readSafetensors(path, 'the weights')(),
  weights: (path) => kindOf(path)(),
  torch: (path) => withTorchCheckpoint(path, () => TE.right(undefined))(),
}

test.each(Object.keys(READERS).flatMap((name) => ['pipe', 'zero'].map((file) => [name, file] as const)))(
  '%s names a %s at once',
  async (name, file) => {
    expect(await READERS[name]!(join(folder, file))).toMatchObject({
      left: { _tag: 'Missing', message: expect.stringMatching(/it is a pipe, a socket or a device, not a file$/) },
    })
  },
  5000,
)

test.skipIf(process.platform !== 'linux')(
  'a file of the system that has no length is empty, and nothing waits for it',
  async () => {
    expect(await decodePicture('/proc/self/status', { channels: 3 })).toMatchObject({
      left: { message: '/proc/self/status cannot be decoded: it is empty' },
    })
  },
)
