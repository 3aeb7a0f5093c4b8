/** `step.ts SETUP`: training steps of this project, one whenever it is asked for. A step's seconds go from a batch in memory to its metrics. */
import { performance } from 'node:perf_hooks'
import { answer } from './answer'
import { batches } from './batch'
import { deviceMemory, memory } from './memory'
import { type OurSetup, openOurs } from './open'
import { saving } from './save'

answer(async () => {
  const ours = await openOurs(JSON.parse(process.argv[2]!) as OurSetup)
  const batchOf = batches(ours)
  const { microBatches } = ours.program.division
  let done = 0
  const step = async () => {
    const shares = Array.from({ length: microBatches }, (_, share) => batchOf(done * microBatches + share))
    const began = performance.now()
    const used = process.cpuUsage()
    const { loss } = await ours.interpreter.step(shares[0]!, ours.program.numbers(done), async (index) => shares[index]!)
    const seconds = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(used)
    if (!Number.isFinite(loss)) throw new Error(`the loss of step ${done + 1} is ${loss}`)
    done++
    return { seconds, processor: (user + system) / 1e6, loss: loss! }
  }
  const allMemory = () => ({ ...memory(), ...deviceMemory(ours.engine) })
  return {
    ready: { ready: ours.seconds, rounds: ours.interpreter.rounds },
    commands: { step, memory: allMemory, ...saving(ours) },
  }
})
