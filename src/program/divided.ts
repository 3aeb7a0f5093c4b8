/** What stages say of a batch that is divided. */
import type { Problem } from '../base/failure'
import type { Loss, Mixing, Training } from '../ops/slots'
import { type Division, divisionOf, sharesOf, undivided } from './division'
import type { BuiltStage } from './stages'

/** The stages by which a batch is divided, and those that go over several pictures of it. */
export interface DividedStages {
  readonly training: BuiltStage<Training> | undefined
  readonly losses: readonly BuiltStage<Loss>[]
  readonly mixing: BuiltStage<Mixing> | undefined
}

/** Stages that need all pictures of a batch together, where it is divided; `by` leads to what divides it. */
export const indivisible = ({ losses, mixing }: Omit<DividedStages, 'training'>, division: Division): readonly Problem[] => {
  if (sharesOf(division) === 1) return []
  const whole = [...losses, ...(mixing === undefined ? [] : [mixing])].filter(({ meaning }) => meaning.divisible !== true)
  const divided =
    division.microBatches === 1
      ? `${division.processes} processes share it out`
      : `'microBatch' divides it into parts of ${division.pictures}`
  return [
    ...whole.map(
      ({ path, name }): Problem => ({
        code: 'indivisible',
        path,
        at: 'key',
        message: `'${name}' looks at all pictures of a batch together, and ${divided}`,
        suggestion:
          "compute the batch as a whole, or, where its value is a mean over pictures, let what it means say so: 'divisible: true'",
      }),
    ),
    ...(mixing !== undefined && division.pictures % 2 === 1
      ? [
          {
            code: 'indivisible',
            path: mixing.path,
            at: 'key' as const,
            message: `'${mixing.name}' mixes pictures by pairs, and there are ${division.pictures} in each part of the batch`,
            suggestion: 'divide it into parts of an even number',
          },
        ]
      : []),
  ]
}

/** The division that a pipeline itself asks for, whatever else computes with it. */
export const ownDivision = (batch: number, { microBatch }: Pick<Training, 'microBatch'>): Division => {
  const division = divisionOf(batch, microBatch, 1)
  return typeof division === 'string' ? undivided(batch) : division
}

/** Problems of a batch that a pipeline divides. */
export const checkDivision = ({ training, ...stages }: DividedStages): readonly Problem[] =>
  training === undefined ? [] : indivisible(stages, ownDivision(training.meaning.batch, training.meaning))

/** The division among so many processes, or why it can't be. */
export const sharedDivision = (
  stages: DividedStages & { readonly training: BuiltStage<Training> },
  batch: number,
  processes: number,
): Division | readonly Problem[] => {
  const { microBatch } = stages.training.meaning
  const division = divisionOf(batch, microBatch, processes)
  if (typeof division === 'string')
    return [
      {
        code: 'indivisible-batch',
        path: [...stages.training.path, batch % processes === 0 ? 'microBatch' : 'batch'],
        at: 'value',
        message: division,
        suggestion:
          batch % processes === 0
            ? 'take a number that divides what one process has'
            : `take a batch that ${processes} divide${processes === 1 ? 's' : ''}, or another number of processes`,
      },
    ]
  const problems = indivisible(stages, division)
  return problems.length > 0 ? problems : division
}
