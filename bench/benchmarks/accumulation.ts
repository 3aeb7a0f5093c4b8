/** A batch of 32 in micro-batches of 8, beside four steps of 8: what it costs to learn from more pictures than fit into memory. */
import type { Benchmark, Options } from '../benchmark'
import { alternate, compared, type Rounds, share } from '../compare'
import { type Command, type Program, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import type { StepSetup } from '../setup'
import { peak } from './memory'
import { seconds, setupOf, warmUp } from './step'

const ROUNDS = 3
const PICTURES = 8
const TIMES = 4
/** A step is of tens of seconds: what is compiled and allocated in the first one is little of it. */
const WARM_UP = 1

const LARGE = PICTURES * TIMES

const stepsOf = (options: Options, changes: Partial<StepSetup>): Command =>
  ourSteps({ ...setupOf(options, { locals: 10, ...changes }), backend: options.backend, variant: 'default' })

/** As many pictures by as many steps as one step of the others takes. */
const several = async (program: Program): Promise<number> => {
  let sum = 0
  for (let step = 0; step < TIMES; step++) sum += await seconds(program)
  return sum
}

/** Seconds of a step over the large batch beside those of several over small ones. */
const timed = (
  options: Options,
  rounds: number,
  large: Partial<StepSetup>,
  small: Partial<StepSetup> = {},
): Promise<Rounds & { readonly passes: number }> =>
  using([stepsOf(options, large), stepsOf(options, { batch: PICTURES, ...small })], async ([one, other]) => {
    await warmUp(one!, WARM_UP)
    await warmUp(other!, WARM_UP * TIMES)
    const seen = await alternate(
      () => seconds(one!),
      () => several(other!),
      rounds,
    )
    return { ...seen, passes: one!.ready.rounds! }
  })

/** Peak memory of a step over the large batch beside that over a small one. */
const remembered = (options: Options, rounds: number, large: Partial<StepSetup>): Promise<Rounds> =>
  alternate(
    () => peak(stepsOf(options, large)),
    () => peak(stepsOf(options, { batch: PICTURES })),
    rounds,
  )

const DIVIDED = { batch: LARGE, microBatch: PICTURES }
const WHOLE = { batch: LARGE }

const inSeconds = (name: string, seen: Rounds, rounds: number) => ({ name, ...compared(seen, share), unit: 's', rounds })
const inMemory = (name: string, seen: Rounds, rounds: number) => ({ name, ...compared(seen, share), unit: 'GiB', rounds })

const accumulation: Benchmark = {
  name: 'scale-accumulation',
  doc: `ours ÷ ours, seconds of a step of ${LARGE} pictures, ${PICTURES} at once ÷ of ${TIMES} steps of ${PICTURES}: ViT-S/16, 2 views of 224, 10 of 96`,
  run: async (options) => {
    const { rounds = ROUNDS } = options
    return [inSeconds('scale-accumulation', await timed(options, rounds, DIVIDED), rounds)]
  },
}

const accumulationMemory: Benchmark = {
  name: 'scale-accumulation-memory',
  doc: `peak resident memory of ${LARGE} pictures, ${PICTURES} at once ÷ of ${PICTURES}`,
  run: async (options) => {
    const { rounds = 1 } = options
    return [inMemory('scale-accumulation-memory', await remembered(options, rounds, DIVIDED), rounds)]
  },
}

const whole: Benchmark = {
  name: 'scale-whole',
  doc: `seconds of a step of ${LARGE} pictures at once ÷ of ${TIMES} steps of ${PICTURES}; its peak resident memory ÷ of ${PICTURES}`,
  run: async (options) => {
    const { rounds = 1 } = options
    return [
      inSeconds('scale-whole', await timed(options, rounds, WHOLE), rounds),
      inMemory('scale-whole-memory', await remembered(options, rounds, WHOLE), rounds),
    ]
  },
}

const rounds: Benchmark = {
  name: 'scale-rounds',
  doc: 'the same as scale-accumulation with batch normalisation in the head, and how many rounds a step takes',
  run: async (options) => {
    const { rounds = 1 } = options
    const seen = await timed(options, rounds, { ...DIVIDED, norm: 'batch' }, { norm: 'batch' })
    return [
      inSeconds('scale-rounds', seen, rounds),
      { name: 'scale-rounds-count', ratio: null, ours: seen.passes, theirs: null, unit: 'rounds', rounds: 1 },
    ]
  },
}

export const ACCUMULATIONS: readonly Benchmark[] = [accumulation, accumulationMemory, whole, rounds]
