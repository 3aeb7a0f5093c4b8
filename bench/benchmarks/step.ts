/** Seconds of a training step, ours beside the official one; and ours beside ours with a saving switched off. */
import { type Benchmark, type Options, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import type { Variant } from '../ours/variants'
import type { Outcome } from '../outcome'
import { type Command, type Program, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { theirSteps } from '../programs/theirs'
import { MODELS, RECIPE, type StepSetup } from '../setup'

const ROUNDS = 11
/** Steps that aren't counted: the first ones compile, allocate and read what the others find there. */
const WARM_UP = 3

export const setupOf = ({ small }: Options, changes: Partial<StepSetup> = {}): StepSetup => ({
  ...RECIPE,
  ...changes,
  ...(small ? { model: MODELS.small } : {}),
})

/** The seconds of a program's next step. */
export const seconds = async (program: Program): Promise<number> => (await program.ask('step')).seconds!

/** Takes a program's first steps, which aren't counted. */
export const warmUp = async (program: Program, steps = WARM_UP): Promise<void> => {
  for (let step = 0; step < steps; step++) await program.ask('step')
}

/** Both programs stay alive and take a step in turn. */
export const stepByStep = (
  name: string,
  rounds: number,
  commands: readonly [ours: Command, theirs: Command],
): Promise<readonly Outcome[]> =>
  using(commands, async (programs) => {
    for (const program of programs) await warmUp(program)
    const [ours, theirs] = programs.map((program) => () => seconds(program))
    const seen = await alternate(ours!, theirs!, rounds)
    return [{ name, ...compared(seen, saving), unit: 's/step', rounds }]
  })

const versusOfficial = (name: string, doc: string, changes: Partial<StepSetup>, compile = false): Benchmark => ({
  name,
  doc,
  run: (options) => {
    const setup = setupOf(options, changes)
    return orNotRun(name, theirSteps({ ...setup, compile }), (theirs) =>
      stepByStep(name, options.rounds ?? ROUNDS, [ourSteps({ ...setup, backend: options.backend, variant: 'default' }), theirs]),
    )
  },
})

const versusItself = (name: string, doc: string, variants: { readonly on: Variant; readonly off: Variant }): Benchmark => ({
  name,
  doc,
  run: (options) => {
    const of = (variant: Variant): Command => ourSteps({ ...setupOf(options), backend: options.backend, variant })
    return stepByStep(name, options.rounds ?? ROUNDS, [of(variants.on), of(variants.off)])
  },
})

export const STEPS: readonly Benchmark[] = [
  versusOfficial('step-fp32', 'official PyTorch ÷ ours, seconds a step: ViT-S/16, 8 pictures, 2 views of 224', {}),
  versusOfficial('step-fp32-multicrop', 'the same with 10 local views of 96', { locals: 10 }),
  versusOfficial('step-bf16', 'the same as step-fp32 in bfloat16: torch.autocast ÷ ours', { precision: 'bfloat16' }),
  versusOfficial('step-compile', 'the same as step-fp32 with torch.compile ÷ ours', {}, true),
  versusItself('saving-masked-logits', 'ours with logits of all patches ÷ with those of masked ones', {
    on: 'dense-last-block',
    off: 'dense-last-block-and-logits',
  }),
  versusItself('saving-mean-centre', 'ours with the centre from all logits ÷ from the mean vector', {
    on: 'default',
    off: 'dense-centre',
  }),
  versusItself('saving-last-block', "ours with the last block and the head's MLP for all tokens ÷ for those that are used", {
    on: 'default',
    off: 'dense-last-block',
  }),
  versusItself('monitors', 'ours without monitors ÷ with them', { on: 'default', off: 'without-monitors' }),
]
