/** Steps of ViT-S/16 and ViT-B/16 in bfloat16 with 2 views of 224 and 10 of 96: ours, the official code's under torch.compile, and the ratio. */
import { availableParallelism } from 'node:os'
import * as E from 'fp-ts/Either'
import { median, repeat } from '../compare'
import { type Program, ProgramFailed, using } from '../programs/child'
import { theirSteps } from '../programs/theirs'
import { MODELS, RECIPE, type StepSetup } from '../setup'
import { kitProgram } from './programs'
import type { Context, Line, Try } from './try'

const WARM_UP = 5
const STEPS = 20
const SMALL = { model: MODELS.small, locals: 2, batch: 4 }

export type Timed = 'vit-s' | 'vit-b'
const PICTURES: Readonly<Record<Timed, number>> = { 'vit-s': 64, 'vit-b': 32 }

const setupOf = (name: Timed, { small, pictures = PICTURES[name] }: Context): StepSetup => ({
  ...RECIPE,
  ...{ precision: 'bfloat16', threads: availableParallelism() },
  ...(small ? SMALL : { model: MODELS[name], locals: 10, batch: pictures }),
})

const rounded = (value: number): number => Number(value.toPrecision(4))
const seconds = async (program: Program): Promise<number> => (await program.ask('step')).seconds!
const gigabytes = (bytes: number | undefined): number | undefined => bytes && rounded(bytes / 2 ** 30)

interface Speed {
  readonly step: number
  /** Bytes of the device at most, where they are told. */
  readonly device: number | undefined
  readonly line: Line
}

/** What a program that has just begun takes to its first step, and for each of those that follow. */
const speed = async (program: Program, batch: number, small: boolean): Promise<Speed> => {
  const first = await seconds(program)
  await repeat(() => seconds(program), small ? 1 : WARM_UP)
  const steady = await repeat(() => seconds(program), small ? 3 : STEPS)
  const step = median(steady)
  const { peak, device } = await program.ask('memory')
  const start = { ready: rounded(program.ready.ready!), firstStepLonger: rounded(first - step) }
  const memory = { deviceGiB: gigabytes(device), residentGiB: gigabytes(peak) }
  const steps = { secondsPerStep: rounded(step), fastest: rounded(Math.min(...steady)), slowest: rounded(Math.max(...steady)) }
  return { step, device, line: { pictures: batch, ...steps, imagesPerSecond: rounded(batch / step), start, memory } }
}

const ours = (context: Context, setup: StepSetup): Promise<Speed> =>
  using([kitProgram('steps', [JSON.stringify({ ...setup, backend: 'xla', variant: 'default' })], context)], ([program]) =>
    speed(program!, setup.batch, context.small),
  )

/** What ours took, by model, for the ratios. */
const known = new Map<Timed, Speed>()

const timeOurs = (name: Timed): Try => ({
  name: `${name}-ours`,
  doc: `${name}: seconds a step of ours, the device's memory, and the start: with an empty cache of programs, and with a full one`,
  limit: 150,
  run: async (context, tell) => {
    const setup = setupOf(name, context)
    // A start with a full cache is told of one model: time is short.
    for (const cache of name === 'vit-s' ? ['empty', 'full'] : ['empty']) {
      const seen = await ours(context, setup)
      known.set(name, seen)
      tell({ cache, ...seen.line })
    }
  },
})

/** Of theirs and ours: seconds, where above 1 ours is the faster one; and memory, where below 1 ours is the smaller one. */
const ratios = (theirs: Speed, own: Speed | undefined): Line => {
  if (own === undefined) return {}
  const memory = own.device && theirs.device && { memoryOursByTheirs: rounded(own.device / theirs.device) }
  return { secondsTheirsByOurs: rounded(theirs.step / own.step), ...memory }
}

const timeTheirs = (name: Timed): Try => ({
  name: `${name}-theirs`,
  doc: `${name}: the same of the official code, under torch.compile`,
  limit: 180,
  run: async (context, tell) => {
    const { small, device, signal } = context
    const setup = setupOf(name, context)
    const timed = async (compile: boolean): Promise<void> => {
      const command = theirSteps({ ...setup, compile, device })
      if (E.isLeft(command)) return tell({ notRun: command.left })
      await using([{ ...command.right, signal }], async ([program]) => {
        const seen = await speed(program!, setup.batch, small)
        tell({ compile, device, ...seen.line, ...ratios(seen, known.get(name)) })
      })
    }
    try {
      await timed(!small)
    } catch (error) {
      if (small || signal.aborted || !(error instanceof ProgramFailed)) throw error
      tell({ compile: true, failed: error.message })
      await timed(false)
    }
  },
})

export const TIMINGS: readonly Try[] = (['vit-s', 'vit-b'] as const).flatMap((name) => [timeOurs(name), timeTheirs(name)])
