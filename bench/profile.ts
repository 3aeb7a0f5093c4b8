/** `npm run profile`: where the time of a training step goes, operation by operation, as TensorFlow traces it. */
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Compiled } from '../src/engine/tensorflow/compiled'
import type { Timing } from '../src/tensorflow/profile'
import { batches } from './ours/batch'
import { openOurs } from './ours/open'
import { MODELS, type Precision, RECIPE } from './setup'

export interface Row {
  /** The operation's type, or the kernel's name. */
  readonly type: string
  readonly count: number
  readonly milliseconds: number
}

/** What the operations of each type take together, the longest first. Kernels are told by name, without their number. */
export const rowsOf = (timings: readonly Timing[]): readonly Row[] => {
  const rows = new Map<string, Row>()
  for (const { type, microseconds } of timings) {
    const name = type.replace(/^_Mkl(Native)?/, '').replace(/_\d+$/, '')
    const { count, milliseconds } = rows.get(name) ?? { count: 0, milliseconds: 0 }
    rows.set(name, { type: name, count: count + 1, milliseconds: milliseconds + microseconds / 1000 })
  }
  return [...rows.values()].sort((a, b) => b.milliseconds - a.milliseconds)
}

/** A table of the longest rows. The total is of all; with two operations at a time it is more than the step takes. */
export const table = (rows: readonly Row[], most: number): string => {
  const total = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const line = (ms: number, count: number | string, type: string): string =>
    `${ms.toFixed(1).padStart(9)} ms ${((100 * ms) / total).toFixed(1).padStart(5)} % ${String(count).padStart(6)}  ${type}`
  const lines = rows.slice(0, most).map(({ type, count, milliseconds }) => line(milliseconds, count, type))
  return [
    ...lines,
    line(
      total,
      rows.reduce((sum, { count }) => sum + count, 0),
      'all operations',
    ),
  ].join('\n')
}

/** Steps before the one that is traced: the first ones compile and allocate. */
const WARM_UP = 3

interface Options {
  readonly model: keyof typeof MODELS
  readonly locals: number
  readonly batch: number
  readonly precision: Precision
  readonly rows: number
}

const profile = async ({ model, locals, batch, precision, rows }: Options): Promise<void> => {
  const setup = { ...RECIPE, model: MODELS[model], locals, batch, precision }
  const ours = await openOurs({ ...setup, backend: 'tensorflow', variant: 'default' })
  const batchOf = batches(ours)
  const interpreter = ours.interpreter as Compiled
  for (let step = 0; step < WARM_UP; step++) await interpreter.step(batchOf(step), ours.program.numbers(step))
  process.stdout.write(`${table(rowsOf(await interpreter.trace(batchOf(WARM_UP), ours.program.numbers(WARM_UP))), rows)}\n`)
  interpreter.dispose()
}

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least) throw new InvalidArgumentError(`It must be an integer of at least ${least}.`)
    return value
  }

if (require.main === module)
  new Command('profile')
    .description('Tells where the time of a training step on TensorFlow goes.')
    .addOption(new Option('--model <model>', 'the backbone').choices(Object.keys(MODELS)).default('vit-s'))
    .addOption(new Option('--precision <precision>', 'of the products').choices(['float32', 'bfloat16']).default('float32'))
    .option('--locals <n>', 'local views of a picture', whole(0), RECIPE.locals)
    .option('--batch <n>', 'pictures a step', whole(1), RECIPE.batch)
    .option('--rows <n>', 'how many lines', whole(1), 25)
    .action(profile)
    .parseAsync()
    .catch((error: Error) => {
      process.stderr.write(`profile: ${error.message}\n`)
      process.exitCode = 1
    })
