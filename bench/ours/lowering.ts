/** `lowering.ts SETUP`: the text that XLA is given of a setup's step, written whenever it is asked for. */
import { performance } from 'node:perf_hooks'
import { recorded } from '../../src/engine/record/step'
import { lowered, type Program } from '../../src/xla/stablehlo/lowered'
import type { StepSetup } from '../setup'
import { answer } from './answer'
import { opened } from './pipeline'

answer(async () => {
  const { program } = await opened(JSON.parse(process.argv[2]!) as StepSetup)
  const { graph, step } = recorded(program)
  const given = graph.operations.filter(({ type }) => type === 'Placeholder' || type === 'Variable')
  const whole: Program = {
    operations: graph.operations,
    parameters: given.map((of) => ({ of })),
    results: [...step.assigns, ...Object.values(step.metrics), step.features].map((of) => ({ of })),
  }
  const write = () => {
    const began = performance.now()
    const { length } = lowered(whole)
    return { seconds: (performance.now() - began) / 1000, megabytes: length / 1e6 }
  }
  // The first one waits for the compiler of JavaScript, as it does in a run.
  const first = write()
  return { ready: { ...first }, commands: { step: write } }
})
