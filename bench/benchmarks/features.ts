/** Features of pictures: ours beside the official network under PyTorch. */
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import { type Program, ProgramFailed, using } from '../programs/child'
import { ourFeatures } from '../programs/ours'
import { theirFeatures } from '../programs/theirs'
import { MODELS, type Precision, RECIPE } from '../setup'
import { seconds, warmUp } from './step'

const ROUNDS = 11
const BATCH = 32

/** Both must give rows of one width. */
const checkAgreement = async (programs: readonly Program[]): Promise<void> => {
  const [ours, theirs] = await Promise.all(programs.map(async (program) => (await program.ask('step')).width))
  if (ours !== theirs) throw new ProgramFailed(`rows have ${ours} numbers here and ${theirs} there`)
}

const features = (name: string, precision: Precision): Benchmark => ({
  name,
  doc: `official PyTorch ÷ ours, seconds for [CLS] of ${BATCH} pictures of 224 by ViT-S/16 in ${precision}`,
  run: ({ rounds = ROUNDS, small, backend }) => {
    const setup = { ...RECIPE, precision, batch: BATCH, ...(small ? { model: MODELS.small } : {}) }
    return orNotRun(name, theirFeatures(setup), (theirs) =>
      using([ourFeatures({ ...setup, backend, variant: 'default' }), theirs], async (programs) => {
        await checkAgreement(programs)
        for (const program of programs) await warmUp(program)
        const [ours, official] = programs.map((program) => () => seconds(program))
        return [{ name, ...compared(await alternate(ours!, official!, rounds), saving), unit: 's/batch', rounds }]
      }),
    )
  },
})

export const FEATURES: readonly Benchmark[] = [features('features-fp32', 'float32'), features('features-bf16', 'bfloat16')]
