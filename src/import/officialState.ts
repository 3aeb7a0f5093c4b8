/** The whole state of an official run in the places of a program: networks, moments and centres. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { listed } from '../base/listed'
import { elements } from '../base/shape'
import type { InterpreterState } from '../engine/interpreter'
import type { Entry } from '../io/dtype'
import type { OfficialCheckpoint, OptimizerState, StateDict, WeightMoments } from '../io/torch/official'
import type { StoredTensor, TorchCheckpoint } from '../io/torchCheckpoint'
import type { Program } from '../program/program'
import { below, under } from '../program/stateNames'
import { type Fit, fitWeights } from '../weights/fit'
import { readTensors, unusable } from '../weights/tensors'
import { type Values, valuesOf } from '../weights/values'
import type { OfficialArgs } from './officialArgs'
import { stepsFromSchedules } from './optimizer'

export interface OfficialState {
  readonly state: InterpreterState
  /** Steps that the optimizer has done. */
  readonly step: number
  /** Names in the file that have no place in the run, and are no counters or tables. */
  readonly unexpected: readonly string[]
}

/** The names of the student's weights in the order of the optimizer: those that decay first, each in the student's order. */
const optimizerOrder = (program: Program, student: StateDict): readonly string[] => {
  const moving = [...student.keys()].filter((name) => program.trainable.includes(name))
  return [...moving.filter(program.decays), ...moving.filter((name) => !program.decays(name))]
}

/** Each weight's moments by its name, if the optimizer's numbers are those of these weights. */
const momentsByName = (
  names: readonly string[],
  { moments, groups }: OptimizerState,
): E.Either<string, readonly (readonly [string, WeightMoments])[]> => {
  const numbers = groups.flatMap(({ weights }) => weights)
  if (numbers.length !== names.length || numbers.some((number, i) => number !== i))
    return E.left(`its optimizer moves ${numbers.length} weights, and those of this network are ${names.length}`)
  return E.right(
    names.flatMap((name, i) => {
      const own = moments.get(i)
      // PyTorch may keep an entry without a tensor for what hasn't been moved.
      return own === undefined || own.tensors.size === 0 ? [] : [[name, own] as const]
    }),
  )
}

const isTensor = (step: WeightMoments['step']): step is StoredTensor => typeof step === 'object'

/** How many steps the weights have been moved, as AdamW counts them: the last layers fewer than the others. */
const countedSteps =
  (read: TorchCheckpoint['read']) =>
  (moments: readonly (readonly [string, WeightMoments])[]): TE.TaskEither<Failure, number> =>
    pipe(
      moments,
      TE.traverseSeqArray(([, { step }]) =>
        isTensor(step) ? TE.map(({ data }: Entry) => Number(data[0]))(read(step)) : TE.right(step ?? 0),
      ),
      TE.map((steps) => Math.max(0, ...steps)),
    )

const hasCount = (moments: readonly (readonly [string, WeightMoments])[]): boolean =>
  moments.some(([, { step }]) => step !== undefined)

/** Moments of weights that haven't been moved yet, as the last layers at first: PyTorch keeps none, and they are zero. */
const withUnmoved = (program: Program, moved: readonly string[], fit: Fit): Fit => {
  const unmoved = fit.missing.filter((name) => !moved.some((weight) => name.startsWith(`${weight}.`)))
  const zeros = unmoved.map((name) => [name, new Float32Array(elements(program.state[`optimizer.${name}`]!.shape))] as const)
  return {
    ...fit,
    weights: { ...fit.weights, ...Object.fromEntries(zeros) },
    missing: fit.missing.filter((name) => !unmoved.includes(name)),
  }
}

/** Wrong or lacking parts of a state, in one sentence. */
const incomplete = (fit: Fit): string | undefined => {
  if (fit.unfit.length > 0) return `${fit.unfit[0]}${fit.unfit.length > 1 ? ` (and ${fit.unfit.length - 1} others)` : ''}`
  if (fit.missing.length === 0) return undefined
  return `it lacks ${listed(fit.missing)}`
}

const values = (tensors: ReadonlyMap<string, Entry>): readonly (readonly [string, Values])[] =>
  [...tensors].map(([name, entry]) => [name, valuesOf(entry)] as const)

/** Reads all parts of the state; whatever the program needs must be there. */
export const officialState = (
  path: string,
  program: Program,
  { student, teacher, optimizer, losses, epoch }: OfficialCheckpoint & { readonly optimizer: OptimizerState },
  args: OfficialArgs,
  read: TorchCheckpoint['read'],
): TE.TaskEither<Failure, OfficialState> => {
  const readAll = readTensors(read)
  const fitPart = (part: string, tensors: StateDict, complete = (fit: Fit): Fit => fit): TE.TaskEither<Failure, Fit> =>
    pipe(
      readAll(tensors),
      TE.map((entries) => complete(fitWeights(under(part, program.state), new Map(values(entries))))),
      TE.filterOrElse(
        (fit) => incomplete(fit) === undefined,
        (fit) => unusable(path, `its ${part} is not that of this pipeline: ${incomplete(fit)}`),
      ),
    )
  return pipe(
    TE.Do,
    TE.bind('moments', () =>
      pipe(
        momentsByName(optimizerOrder(program, student), optimizer),
        TE.fromEither,
        TE.mapLeft((why) => unusable(path, why)),
      ),
    ),
    TE.bind('step', ({ moments }) =>
      hasCount(moments)
        ? countedSteps(read)(moments)
        : pipe(
            epoch === undefined ? E.left("it doesn't tell its epoch") : stepsFromSchedules(args, optimizer, epoch),
            TE.fromEither,
            TE.mapLeft((why) => unusable(path, why, "With '--network teacher' its weights alone are taken.")),
          ),
    ),
    TE.bind('student', () => fitPart('student', student)),
    TE.bind('teacher', () => fitPart('teacher', teacher)),
    TE.bind('ibot_loss', () => fitPart('ibot_loss', losses)),
    TE.bind('optimizer', ({ moments }) =>
      fitPart(
        'optimizer',
        new Map(
          moments.flatMap(([name, { tensors }]) =>
            [...tensors].map(([moment, tensor]) => [`${name}.${moment}`, tensor] as const),
          ),
        ),
        (fit) =>
          withUnmoved(
            program,
            moments.map(([name]) => name),
            fit,
          ),
      ),
    ),
    TE.map(({ step, moments: _, ...parts }) => ({
      step,
      state: Object.assign({}, ...Object.entries(parts).map(([part, { weights }]) => below(part, weights))),
      unexpected: Object.entries(parts).flatMap(([part, { unexpected }]) => unexpected.map((name) => `${part}.${name}`)),
    })),
  )
}
