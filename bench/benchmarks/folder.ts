/** Opening a folder of a million pictures: ours beside `find`, which also looks at each file; and the memory that it takes. */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import type { Benchmark } from '../benchmark'
import { alternate, compared, share } from '../compare'
import { type FolderSetup, withFolder } from '../folderSetup'
import { ProgramFailed, ProgramMissing, using } from '../programs/child'
import { ourFolder } from '../programs/ours'

const ROUNDS = 3
const [CLASSES, PER_CLASS] = [1000, 1000]
const [FEW_CLASSES, FEW_PER_CLASS] = [20, 100]
const MEGABYTE = 1e6

/** Seconds of listing names and sizes. */
const find = async ({ folder }: FolderSetup): Promise<number> => {
  const began = performance.now()
  const { error, status } = spawnSync('find', [folder, '-type', 'f', '-printf', '%s %p\\n'], { stdio: 'ignore' })
  if (error !== undefined) throw new ProgramMissing(`find can't be run: ${error.message}`)
  if (status !== 0) throw new ProgramFailed(`find ended with ${status}: it must be GNU's`)
  return (performance.now() - began) / 1000
}

const name = 'index'

export const index: Benchmark = {
  name,
  doc: 'ours ÷ find, opening a folder of 1,000,000 pictures; and the peak of resident memory',
  run: ({ rounds = ROUNDS, small }) =>
    withFolder(small ? FEW_CLASSES : CLASSES, small ? FEW_PER_CLASS : PER_CLASS, async (setup) => {
      const peaks: number[] = []
      // A new process each time: memory is that of one opening.
      const ours = () =>
        using([ourFolder(setup)], async ([program]) => {
          const { seconds, peak } = await program!.ask('step')
          peaks.push(peak! / MEGABYTE)
          return seconds!
        })
      // What the system remembers of the files, both find there.
      await find(setup)
      const seen = await alternate(ours, () => find(setup), rounds)
      return [
        { name, ...compared(seen, share), unit: 's', rounds },
        { name: `${name}-memory`, ratio: null, ours: Math.max(...peaks), theirs: null, unit: 'MB', rounds },
      ]
    }),
}
