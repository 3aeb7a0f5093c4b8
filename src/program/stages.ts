/** The stages of a pipeline by the slots that they fill, each built: what it means, with its name and its place. */
import type { CheckedStage } from '../dsl/check'
import { meaningOf } from '../dsl/meaning'
import type { Registry } from '../dsl/registry'
import { type Slot, stageKind } from '../dsl/spec'
import type { Op } from '../dsl/type'

/** A stage's meaning with its name and its place in the document. */
export interface BuiltStage<M> {
  /** That of its op, numbered from the second stage of an op on: `clsDistillation`, `clsDistillation.2`. */
  readonly name: string
  readonly path: readonly (string | number)[]
  readonly needs: readonly string[]
  readonly op: Op
  readonly meaning: M
}

/** All stages of a slot that could be decoded, built. */
export const builtStages = <M>(registry: Registry, stages: readonly CheckedStage[], slot: Slot<M>): readonly BuiltStage<M>[] => {
  const met = new Map<string, number>()
  return stages.flatMap(({ index, spec, op }) => {
    if (spec?.slot.name !== slot.name || op === undefined) return []
    const { name, needs } = spec
    const count = (met.get(name) ?? 0) + 1
    met.set(name, count)
    return [
      {
        name: count === 1 ? name : `${name}.${count}`,
        path: ['pipeline', index, name],
        needs,
        op,
        meaning: meaningOf(registry, stageKind, op) as M,
      },
    ]
  })
}
