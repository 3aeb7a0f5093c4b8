/** The first state of a run whose networks start from weights in a file. */
import { access, constants } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, type FailureAt, rejected } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { listed } from '../base/listed'
import { NETWORKS, type NetworkName } from '../base/networkName'
import type { InterpreterState } from '../engine/interpreter'
import type { Architecture } from '../nn/architecture'
import { epsOf } from '../nn/block'
import type { InitialWeights } from '../ops/slots'
import type { Program } from '../program/program'
import type { BuiltStage } from '../program/stages'
import { below, under } from '../program/stateNames'
import { type Fit, fitWeights, mismatch } from '../weights/fit'
import { type NetworkWeights, readNetwork } from '../weights/network'

const unfit = (stage: BuiltStage<InitialWeights>, message: string): Failure =>
  rejected([
    {
      code: 'unfit-weights',
      path: [...stage.path, 'file'],
      at: 'value',
      message,
      suggestion: 'give the backbone and the head the sizes of the file, or leave the file out',
    },
  ])

/** What is wrong with weights for both networks, in a sentence. */
const problemOf = (file: string, fits: readonly Fit[]): string | undefined => {
  const shapes = [...new Set(fits.flatMap(({ unfit }) => unfit))]
  if (shapes.length > 0)
    return `the weights in ${file} don't fit this network: ${shapes[0]}${shapes.length > 1 ? `; so it is with ${shapes.length - 1} others` : ''}`
  const why = fits.map(mismatch).find((found) => found !== undefined)
  return why === undefined ? undefined : `the weights in ${file} aren't those of this network: ${why}`
}

/** What a person should know of how the file fitted. */
const notes = (
  { path, names, notes }: NetworkWeights,
  { weights, missing, unexpected, resized, anew }: Fit,
): readonly string[] => [
  `the ${Object.keys(weights).length} weights of ${path} (${names} names) fit`,
  ...notes.map((note) => `${path}: ${note}`),
  ...(missing.length > 0 ? [`not in it, so they start as without it: ${listed(missing)}`] : []),
  ...(unexpected.length > 0 ? [`in it, but not in this network: ${listed(unexpected)}`] : []),
  ...anew.map((sentence) => `for other classes, so it starts anew: ${sentence}`),
  ...resized.map((sentence) => `resized: ${sentence}`),
]

/** What the pipeline says of the backbone that the file says otherwise: with it the same weights compute something else. */
const warnings = ({ path, known, layerNormEps }: NetworkWeights, backbone: Architecture): readonly string[] => {
  const told = (what: string, said: unknown, reason: string, own: unknown): readonly string[] =>
    said === undefined || String(said) === String(own)
      ? []
      : [
          `warning: the backbone has ${what} ${own ?? 'by default'}, and that of ${path} ${said}, ${reason}: it computes something else`,
        ]
  const reason = `as ${known?.source} says`
  return [
    ...told('heads', known?.heads, reason, backbone.heads),
    ...told('qkScale', known?.qkScale, reason, backbone.qkScale),
    ...told(
      'layerNormEps',
      layerNormEps?.value,
      layerNormEps?.reason ?? '',
      epsOf({ layerNormEps: backbone.layerNormEps as number | undefined }),
    ),
  ]
}

/** The file of weights, if it can't be read: known before anything is computed. */
export const weightsFault = async ({ meaning: { file }, path }: BuiltStage<InitialWeights>): Promise<readonly FailureAt[]> =>
  access(file, constants.R_OK).then(
    () => [],
    (error) => [{ failure: fileFailure(`cannot read the weights ${file}`)(error), path: [...path, 'file'] }],
  )

/**
 * The first state with the weights of the file in place of what was drawn for the networks. Those named `ofClasses` belong to the
 * classes of the data; the file may have them for others.
 */
export const withInitialWeights = (
  stage: BuiltStage<InitialWeights>,
  backbone: Architecture,
  ofClasses: readonly string[],
  program: Program,
  first: InterpreterState,
  notify: (message: string) => void,
): TE.TaskEither<Failure, InterpreterState> => {
  const { file, network } = stage.meaning
  // The teacher is meant where nothing is said: a file with a student alone has no other.
  const wanted: NetworkName | undefined = network === 'teacher' ? undefined : network
  return pipe(
    readNetwork(file, wanted),
    TE.chainEitherK((read) => {
      const networks = NETWORKS.filter((which) => which === 'student' || which === program.frozen.which)
      const fits = networks.map(
        (which) => [which, fitWeights(under(which, program.state), read.weights, (name) => ofClasses.includes(name))] as const,
      )
      const problem = problemOf(
        file,
        fits.map(([, fit]) => fit),
      )
      if (problem !== undefined) return E.left(unfit(stage, problem))
      // The student has whatever a teacher has, and the mask embedding.
      for (const message of notes(read, fits.find(([which]) => which === 'student')![1])) notify(message)
      for (const message of warnings(read, backbone)) notify(message)
      return E.right(Object.assign({}, first, ...fits.map(([which, { weights: values }]) => below(which, values))))
    }),
  )
}
