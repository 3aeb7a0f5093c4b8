/** Views of pictures from their files: ours beside the official transform, and two workers beside one. */
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, saving } from '../compare'
import { withPictures } from '../pictures'
import { type Command, using } from '../programs/child'
import { ourAugment, ourWorkers } from '../programs/ours'
import { theirAugment } from '../programs/theirs'
import { seconds, warmUp } from './step'

const ROUNDS = 30
const PICTURES = 8
const WORKERS_ROUNDS = 15
const WORKERS_PICTURES = 32

const inTurn = (name: string, rounds: number, unit: string, commands: readonly [ours: Command, theirs: Command]) =>
  using(commands, async (programs) => {
    for (const program of programs) await warmUp(program, 5)
    const [ours, theirs] = programs.map((program) => () => seconds(program))
    return [{ name, ...compared(await alternate(ours!, theirs!, rounds), saving), unit, rounds }]
  })

const versusOfficial = (name: string, doc: string, locals: number): Benchmark => ({
  name,
  doc,
  run: ({ rounds = ROUNDS }) => {
    const setup = (folder: string) => ({ folder, count: PICTURES, locals })
    // What is missing is known before any picture is made.
    return orNotRun(name, theirAugment(setup('')), () =>
      withPictures(PICTURES, (folder) =>
        orNotRun(name, theirAugment(setup(folder)), (theirs) =>
          inTurn(name, rounds, 'processor s/picture', [ourAugment(setup(folder)), theirs]),
        ),
      ),
    )
  },
})

const workers: Benchmark = {
  name: 'workers',
  doc: 'one worker ÷ two, seconds for batches of augment',
  run: ({ rounds = WORKERS_ROUNDS }) =>
    withPictures(WORKERS_PICTURES, (folder) => {
      const setup = { folder, count: WORKERS_PICTURES, locals: 0 }
      return inTurn('workers', rounds, `s/${4 * WORKERS_PICTURES} pictures`, [
        ourWorkers({ ...setup, workers: 2 }),
        ourWorkers({ ...setup, workers: 1 }),
      ])
    }),
}

export const AUGMENTS: readonly Benchmark[] = [
  versusOfficial('augment', 'official torchvision transform ÷ ours: decode a JPEG of 500 × 375 and make 2 global crops', 0),
  versusOfficial('augment-multicrop', 'the same with 10 local crops of 96', 10),
  workers,
]
