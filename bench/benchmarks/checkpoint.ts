/** What a checkpoint costs a training: how much later the steps are done during which it is written. */
import type { Benchmark } from '../benchmark'
import { median } from '../compare'
import { type Program, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { seconds, setupOf, warmUp } from './step'

const ROUNDS = 5

/** The pause while the state is copied, and by what the steps take longer until the file is written. */
const pause = async (program: Program, step: number): Promise<number> => {
  let lost = (await program.ask('save')).seconds!
  do lost += (await seconds(program)) - step
  while ((await program.ask('writing')).writing! > 0)
  return lost
}

const name = 'checkpoint'

export const checkpoint: Benchmark = {
  name,
  doc: 'a step ÷ the pause for a checkpoint of the whole state: ViT-S/16, 8 pictures, 2 views of 224',
  run: (options) => {
    const rounds = options.rounds ?? ROUNDS
    return using([ourSteps({ ...setupOf(options), backend: options.backend, variant: 'default' })], async ([program]) => {
      await warmUp(program!)
      // The first checkpoint finds memory that nobody used before.
      await pause(program!, 0)
      const [steps, pauses]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        const step = median([await seconds(program!), await seconds(program!), await seconds(program!)])
        steps.push(step)
        pauses.push(await pause(program!, step))
      }
      const [ours, theirs] = [median(pauses), median(steps)]
      return [{ name, ratio: theirs / ours, ours, theirs, unit: 's', rounds }]
    })
  },
}
