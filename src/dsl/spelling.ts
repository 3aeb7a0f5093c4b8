/** The spelling of a `--set` that works, for one that doesn't. */
import type { Step } from './document'
import { nearest } from './nearest'
import { isStage, type Registry } from './registry'
import { stageKind } from './spec'

/** The stages of a pipeline, by name in their order. */
export interface Stages {
  readonly registry: Registry
  readonly names: readonly string[]
}

/** More would be a heap, not a hint. */
const MOST = 3
/** Longer values are left out. */
const LONGEST = 60

const specOf = ({ registry }: Stages, name: string) => registry.find(stageKind, name)

/** How a stage is named, of which there may be several with its name. */
const nameOf = ({ names }: Stages, index: number): string => {
  const name = names[index]!
  return names.indexOf(name) === names.lastIndexOf(name) ? name : `pipeline.${index}.${name}`
}

/** An argument as it is written from an offset on, behind another beginning; a long value is left out. */
export const respelled = (beginning: string, argument: string, from: number): string => {
  const whole = `${beginning}${argument.slice(from)}`
  return whole.length <= LONGEST ? whole : `${beginning}${argument.slice(from, argument.indexOf('='))}=…`
}

/** The stages that have a parameter. */
const ownersOf = (stages: Stages, parameter: string): readonly string[] =>
  stages.names.flatMap((name, index) =>
    Object.hasOwn(specOf(stages, name)?.fields ?? {}, parameter) ? [nameOf(stages, index)] : [],
  )

/** The stages that stand where a stage of this name would: `adamw` for `optimizer`, or for `sgd`. */
const inPlaceOf = (stages: Stages, name: string): readonly string[] => {
  const slotOf = (one: string): string | undefined => {
    const spec = specOf(stages, one)
    return spec !== undefined && isStage(spec) ? spec.slot.name : undefined
  }
  const slot = slotOf(name) ?? name
  return stages.names.flatMap((one, index) => (slotOf(one) === slot ? [nameOf(stages, index)] : []))
}

const asked = (spellings: readonly string[]): string | undefined =>
  spellings.length === 0 || spellings.length > MOST
    ? undefined
    : `did you mean ${spellings.map((spelling) => `'${spelling}'`).join(' or ')}?`

/** What was meant by a path whose stage isn't there: the name of one mistyped, its place or kind, or a parameter alone. */
export const stageMeant = (
  stages: Stages,
  argument: string,
  stage: Step,
  parameter: Step | undefined,
  others: readonly string[],
): string | undefined => {
  const [from, to] = stage.range
  const guess = nearest(stage.name, [...stages.names, ...others])
  if (guess !== undefined) return asked([respelled(argument.slice(0, from) + guess, argument, to)])
  const own = (name: string): boolean =>
    parameter === undefined || Object.hasOwn(specOf(stages, name.split('.').at(-1)!)?.fields ?? {}, parameter.name)
  const [placed, owners] = [inPlaceOf(stages, stage.name).filter(own), ownersOf(stages, stage.name)]
  if (placed.length > 0) return asked(placed.map((name) => respelled(name, argument, to)))
  if (owners.length > 0) return asked(owners.map((name) => respelled(`${name}.`, argument, from)))
  return parameter === undefined
    ? undefined
    : asked(ownersOf(stages, parameter.name).map((name) => respelled(`${name}.`, argument, parameter.range[0])))
}

/** What was meant by a parameter that a stage doesn't have, where others have it; nothing where it is mistyped. */
export const parameterMeant = (stages: Stages, argument: string, stage: string, parameter: Step): string | undefined => {
  const fields = specOf(stages, stage)?.fields
  if (fields === undefined || nearest(parameter.name, Object.keys(fields)) !== undefined) return undefined
  return asked(ownersOf(stages, parameter.name).map((name) => respelled(`${name}.`, argument, parameter.range[0])))
}
