/** Checkpoints of a program, saved as a run saves them, into a folder that goes when the program ends. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { newSaver } from '../../src/run/saver'
import { runFolder } from '../../src/store/folder'
import type { Commands } from './answer'
import type { Ours } from './open'

export const saving = ({ program, interpreter }: Ours): Commands => {
  const path = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  process.on('exit', () => rmSync(path, { recursive: true, force: true }))
  const folder = runFolder(path)
  mkdirSync(folder.checkpoints)
  const reached = { done: 0, saved: undefined }
  const saver = newSaver({
    folder,
    specs: program.state,
    about: {},
    keep: 1,
    forGood: () => false,
    reached,
    tell: () => undefined,
    show: async () => undefined,
  })
  let saves = 0
  let writing = 0
  return {
    /** Begins to save; seconds until the next step may begin. */
    save: async () => {
      const began = performance.now()
      const progress = { step: ++saves, probes: {} }
      const begun = await saver.begin(async () => ({ state: await interpreter.read(), progress }))()
      if (E.isLeft(begun)) throw new Error(failureText(begun.left))
      writing++
      void saver.settled().then(() => writing--)
      return { seconds: (performance.now() - began) / 1000 }
    },
    /** Whether it is still being written. */
    writing: () => ({ writing }),
  }
}
