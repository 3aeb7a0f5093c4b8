/** How far a small program's steps on XLA are from those of tfjs's WebAssembly backend, op by op in float32. */
import type { InterpreterState } from '../../src/engine/interpreter'
import { determined } from '../../test/program/invariance'
import { batches } from '../ours/batch'
import { openOurs } from '../ours/open'
import { MODELS, type Precision, RECIPE } from '../setup'

const STEPS = 5
/** Few layers: compilers take longer than the steps. */
const MODEL = { ...MODELS.small, depth: 3 }

export interface Gaps {
  readonly precision: Precision
  readonly ok: boolean
  readonly steps: number
  /** The largest gap between two losses, as a share of the loss. */
  readonly loss: number
  /** The largest gap between entries of two weights, moments or centres, in units of the tensor's largest where that is above 1. */
  readonly state: number
}

/**
 * What is allowed. float32: sums in another order; AdamW makes steps of the learning rate, 1.6e-5, of whatever sign rounding gives a
 * gradient that is next to nothing. bfloat16: 8 bits a number, and sharpened targets make it more.
 */
const ALLOWED: Readonly<Record<Precision, Pick<Gaps, 'loss' | 'state'>>> = {
  float32: { loss: 1e-4, state: 2e-4 },
  bfloat16: { loss: 0.05, state: 0.25 },
}

const largest = (values: Float32Array, least: number): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), least)

const stateGap = (a: InterpreterState, b: InterpreterState): number =>
  Math.max(
    ...Object.entries(a).map(
      ([name, values]) =>
        largest(
          values.map((v, i) => v - b[name]![i]!),
          0,
        ) / largest(values, 1),
    ),
  )

interface Ran {
  readonly losses: readonly number[]
  readonly state: InterpreterState
}

/** Masks and what is drawn change from step to step; the first state is the same for all. */
const ran = async (backend: 'xla' | 'wasm', precision: Precision): Promise<Ran> => {
  const setup = { ...RECIPE, model: MODEL, locals: 2, precision, backend, variant: 'default' as const }
  const ours = await openOurs(setup)
  const batchOf = batches(ours)
  const losses: number[] = []
  for (let step = 0; step < STEPS; step++)
    losses.push((await ours.interpreter.step(batchOf(step), ours.program.numbers(step))).loss!)
  const state = determined(await ours.interpreter.read(), false)
  ours.interpreter.dispose()
  return { losses, state }
}

/** Those of float32, then those of bfloat16. */
export async function* stepGaps(): AsyncGenerator<Gaps> {
  const plain = await ran('wasm', 'float32')
  for (const precision of ['float32', 'bfloat16'] as const) yield gapsOf(precision, plain, await ran('xla', precision))
}

const gapsOf = (precision: Precision, plain: Ran, fast: Ran): Gaps => {
  const loss = Math.max(...plain.losses.map((value, i) => Math.abs(fast.losses[i]! / value - 1)))
  const state = stateGap(plain.state, fast.state)
  const allowed = ALLOWED[precision]
  return { precision, ok: loss <= allowed.loss && state <= allowed.state, steps: STEPS, loss, state }
}
