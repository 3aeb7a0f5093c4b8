/** `folder.ts SETUP`: opens a folder of pictures when it is asked to; the answer holds the peak of its resident memory, in bytes. */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { imageFolder } from '../../src/io/imageFolder'
import type { FolderSetup } from '../folderSetup'
import { answer } from './answer'

answer(async () => {
  const { folder, files } = JSON.parse(process.argv[2]!) as FolderSetup
  const step = async () => {
    const began = performance.now()
    const source = await imageFolder({ path: folder, channels: 3 })()
    const seconds = (performance.now() - began) / 1000
    if (E.isLeft(source)) throw new Error(JSON.stringify(source.left))
    if (source.right.count !== files) throw new Error(`it found ${source.right.count} of ${files} files`)
    return { seconds, peak: 1024 * process.resourceUsage().maxRSS }
  }
  return { ready: { ready: 0 }, commands: { step } }
})
