/** Each recipe of pipelines/ as it is, two pictures a step: seconds and peak memory, ours beside the official code's. */
import * as E from 'fp-ts/Either'
import type { Benchmark, Options } from '../benchmark'
import { alternate, compared, median, repeat, saving, share } from '../compare'
import { type Arguments, DEFAULTS, OFFICIAL } from '../officialArguments'
import type { Outcome } from '../outcome'
import { type Program, using } from '../programs/child'
import { ourSteps } from '../programs/ours'
import { theirSteps } from '../programs/theirs'
import { MODELS, RECIPE, type StepSetup } from '../setup'
import { seconds, warmUp } from './step'

const ROUNDS = 3
const PICTURES = 2
const GIGABYTE = 2 ** 30
/** What the benchmark sets itself. */
const OWN = ['arch', 'batch_size_per_gpu', 'freeze_last_layer', 'gpus']

const peak = async (program: Program): Promise<number> => (await program.ask('memory')).peak! / GIGABYTE

/** The setup of a recipe; the model of one that the official code doesn't have is never made there. */
export const recipeSetup = (name: string): StepSetup => {
  const given: Partial<Arguments> = OFFICIAL[name] ?? {}
  const all: Arguments = { ...DEFAULTS, ...given }
  return {
    ...RECIPE,
    recipe: name,
    batch: PICTURES,
    globals: all.global_crops_number,
    locals: all.local_crops_number,
    model: { ...MODELS['vit-s'], arch: all.arch, patch: all.patch_size, dropPath: all.drop_path, prototypes: all.out_dim },
    arguments: Object.fromEntries(
      Object.entries(given)
        .filter(([key]) => !OWN.includes(key))
        .map(([key, value]) => [key, [value].flat()]),
    ),
  }
}

/** Ours by itself, where there is nothing to compare with. */
const alone = (name: string, rounds: number, [ours]: readonly Program[]): Promise<readonly Outcome[]> =>
  repeat(() => seconds(ours!), rounds).then(async (seen) => [
    { name, ratio: null, ours: median(seen), theirs: null, unit: 's/step', rounds },
    { name: `${name}-memory`, ratio: null, ours: await peak(ours!), theirs: null, unit: 'GiB', rounds: 1 },
  ])

const beside = async (name: string, rounds: number, programs: readonly Program[]): Promise<readonly Outcome[]> => {
  const [ours, theirs] = programs.map((program) => () => seconds(program))
  const seen = await alternate(ours!, theirs!, rounds)
  const [own, other] = [await peak(programs[0]!), await peak(programs[1]!)]
  return [
    { name, ...compared(seen, saving), unit: 's/step', rounds },
    { name: `${name}-memory`, ...compared({ ours: [own], theirs: [other] }, share), unit: 'GiB', rounds: 1 },
  ]
}

const benchmark = (recipe: string): Benchmark => {
  const name = `recipes-${recipe}`
  return {
    name,
    doc: `pipelines/${recipe}.yaml, ${PICTURES} pictures a step: official PyTorch ÷ ours in seconds, ours ÷ theirs in memory`,
    run: ({ rounds = ROUNDS, backend }: Options) => {
      const setup = recipeSetup(recipe)
      const ours = ourSteps({ ...setup, backend, variant: 'default' })
      const theirs = recipe in OFFICIAL ? theirSteps({ ...setup, compile: false }) : E.left('')
      const commands = E.isRight(theirs) ? [ours, theirs.right] : [ours]
      return using(commands, async (programs) => {
        for (const program of programs) await warmUp(program)
        return (E.isRight(theirs) ? beside : alone)(name, rounds, programs)
      })
    },
  }
}

/** One for each kind of step: those on ImageNet-22K take the same. */
export const RECIPES: readonly Benchmark[] = [
  ...Object.keys(OFFICIAL).filter((name) => !name.endsWith('-22k')),
  'pixel-regression',
].map(benchmark)
