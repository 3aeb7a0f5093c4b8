/** The first state of a run whose networks start from weights in a file. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, rejected } from '../base/failure'
import { NETWORKS } from '../base/networks'
import type { InterpreterState } from '../engine/interpreter'
import type { InitialWeights } from '../ops/slots'
import { below, under } from '../program/names'
import type { Program } from '../program/program'
import type { BuiltStage } from '../program/stages'
import { type Fit, fitWeights } from '../weights/fit'
import { readNetwork } from '../weights/network'

const SHOWN = 10

/** The first of some names, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  names.length <= SHOWN + 1 ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`

const unfit = (stage: BuiltStage<InitialWeights>, { file }: InitialWeights, problems: readonly string[]): Failure =>
  rejected([
    {
      code: 'unfit-weights',
      path: [...stage.path, 'file'],
      at: 'value',
      message: `the weights in ${file} don't fit this network: ${problems[0]}${problems.length > 1 ? `; so it is with ${problems.length - 1} others` : ''}`,
      suggestion: 'give the backbone and the head the sizes of the file, or leave the file out',
    },
  ])

/** What a person should know of how the file fitted. */
const notes = (file: string, names: string, { weights, missing, unexpected, resized }: Fit): readonly string[] => [
  `the ${Object.keys(weights).length} weights of ${file} (${names} names) fit`,
  ...(missing.length > 0 ? [`not in it, so they start as without it: ${listed(missing)}`] : []),
  ...(unexpected.length > 0 ? [`in it, but not in this network: ${listed(unexpected)}`] : []),
  ...resized.map((sentence) => `resized: ${sentence}`),
]

/** The first state with the weights of the file in place of what was drawn for the networks. */
export const withInitialWeights = (
  stage: BuiltStage<InitialWeights>,
  program: Program,
  first: InterpreterState,
  notify: (message: string) => void,
): TE.TaskEither<Failure, InterpreterState> => {
  const { file, network } = stage.meaning
  return pipe(
    readNetwork(file, network),
    TE.chainEitherK(({ weights, names }) => {
      const networks = NETWORKS.filter((which) => which === 'student' || which === program.frozen)
      const fits = networks.map((which) => [which, fitWeights(under(which, program.state), weights)] as const)
      const problems = [...new Set(fits.flatMap(([, { unfit }]) => unfit))]
      if (problems.length > 0) return E.left(unfit(stage, stage.meaning, problems))
      // The student has whatever a teacher has, and the mask embedding.
      for (const message of notes(file, names, fits.find(([which]) => which === 'student')![1])) notify(message)
      return E.right(Object.assign({}, first, ...fits.map(([which, { weights: values }]) => below(which, values))))
    }),
  )
}
