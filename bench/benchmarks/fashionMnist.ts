/** The whole of `ibot run pipelines/fashion-mnist.yaml`, from its start to its summary, on two backends. */
import type { Benchmark } from '../benchmark'
import { alternate, compared, share } from '../compare'
import { ibotRun, stepsGiven } from '../programs/ibot'

const ROUNDS = 1
const [FAST, SLOW] = ['tensorflow', 'wasm'] as const

/** Seconds of one run, in a folder that is removed. */
const timed = (backend: string, steps: number | undefined): Promise<number> =>
  ibotRun('pipelines/fashion-mnist.yaml', ['--backend', backend, ...stepsGiven(steps)], async () => undefined).then(
    ({ seconds }) => seconds,
  )

const name = 'fashion-mnist'

export const fashionMnist: Benchmark = {
  name,
  doc: `${FAST} ÷ ${SLOW}, seconds of the whole process of pipelines/fashion-mnist.yaml`,
  run: async ({ rounds = ROUNDS, steps }) => {
    const seen = await alternate(
      () => timed(FAST, steps),
      () => timed(SLOW, steps),
      rounds,
    )
    return [{ name, ...compared(seen, share), unit: 's', rounds }]
  },
}
