/** `lowering.ts SETUP`: the text that XLA is given of a setup's step, written whenever it is asked for. */
import { performance } from 'node:perf_hooks'
import { stepProgram } from '../../src/engine/xla/stepProgram'
import { lowered } from '../../src/xla/stablehlo/lowered'
import type { StepSetup } from '../setup'
import { answer } from './answer'
import { opened } from './pipeline'

answer(async () => {
  const { program } = await opened(JSON.parse(process.argv[2]!) as StepSetup)
  const { xla } = stepProgram(program, 'all', 1)
  const write = () => {
    const began = performance.now()
    const { length } = lowered(xla)
    return { seconds: (performance.now() - began) / 1000, megabytes: length / 1e6 }
  }
  // The first one waits for the compiler of JavaScript, as it does in a run.
  const first = write()
  return { ready: { ...first }, commands: { step: write } }
})
