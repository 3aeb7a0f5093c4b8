/** `augment.ts SETUP`: makes a batch of views from files, as a run does, whenever it is asked to. Its seconds are those of the processor. */
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { filling } from '../../src/loader/batches'
import { batchBytes } from '../../src/program/batch'
import { type AugmentSetup, augmentPipeline } from '../augmentSetup'
import { answer } from './answer'
import { openedText } from './pipeline'

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

answer(async () => {
  const setup = JSON.parse(process.argv[2]!) as AugmentSetup
  const { design, source, program, span } = await openedText(augmentPipeline(setup))
  const fill = filling(design, source, { shape: program.batch, division: program.division, span })
  const memory = new SharedArrayBuffer(batchBytes(program.batch))
  let done = 0
  const step = async () => {
    const began = processorSeconds()
    const result = await fill({ step: done, share: 0, from: 0, to: setup.count }, memory)
    const seconds = (processorSeconds() - began) / setup.count
    if (E.isLeft(result)) throw new Error(failureText(result.left))
    done++
    return { seconds }
  }
  return { ready: { ready: 0 }, commands: { step } }
})
