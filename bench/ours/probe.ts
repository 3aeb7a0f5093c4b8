/** `probe.ts SETUP`: measures a probe of features in memory when it is asked to, and what resident memory it takes beyond them. */
import { existsSync, writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { ProbeTools } from '../../src/ops/probe/kind'
import { features } from '../knnSetup'
import type { ProbeSetup } from '../probeSetup'
import { MODELS, RECIPE } from '../setup'
import { answer, Missing } from './answer'
import { memory } from './memory'
import { openOurs } from './open'
import { openedText, pipelineText } from './pipeline'

/** Where Linux is told to count the peak from now on. */
const CLEAR = '/proc/self/clear_refs'
const PEAK = '5'

answer(async () => {
  const { stage, rows, tests, width, classes, threads, backend } = JSON.parse(process.argv[2]!) as ProbeSetup
  if (!existsSync(CLEAR)) throw new Missing('the peak of one probe is told by Linux only')
  const setup = { ...RECIPE, model: MODELS.speck, threads }
  const { design } = await openedText(`${pipelineText(setup)}  - ${stage}\n`)
  const { meaning } = design.probes[0]!
  // As in a training: the interpreter of a program, any one, computes for the probe too.
  const { interpreter, seconds: ready } = await openOurs({ ...setup, backend, variant: 'default' })
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`)
  const sets = Object.fromEntries(
    Object.keys(meaning.sets).map((name) => [
      name,
      { ...(name === 'test' ? features(tests, width, classes, 3) : features(rows, width, classes, 2)), width, classes: names },
    ]),
  )
  const step = async () => {
    const held: { readonly dispose: () => void }[] = []
    const kept = <A extends { readonly dispose: () => void }>(one: A): A => {
      held.push(one)
      return one
    }
    const tools: ProbeTools = {
      seed: 0,
      augmented: () => Promise.reject(new RangeError('no set is augmented')),
      prepare: (f, fixed) => kept(interpreter.prepare(f, fixed, { alone: true })),
      nearest: (width) => kept(interpreter.neighbours(width)).nearest,
    }
    const { resident } = memory()
    writeFileSync(CLEAR, PEAK)
    const began = performance.now()
    await meaning.measure(sets, tools)
    const seconds = (performance.now() - began) / 1000
    const extra = memory().peak! - resident!
    for (const { dispose } of held) dispose()
    return { seconds, extra }
  }
  return { ready: { ready }, commands: { step, memory } }
})
