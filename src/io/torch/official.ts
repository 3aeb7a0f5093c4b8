/** What is in a checkpoint of the official code (main_ibot.py): both networks, the optimizer, the centres and the run's arguments. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Value } from '../pickle'
import { entriesOf, namedEntries, type Plain, plainOf } from './plain'
import { type StoredTensor, tensorOf } from './tensor'

/** Tensors by their names. */
export type StateDict = ReadonlyMap<string, StoredTensor>

/** What the optimizer keeps of one weight. */
export interface WeightMoments {
  readonly tensors: StateDict
  /** Steps done; PyTorch 1.12 and newer keep it as a tensor. */
  readonly step: number | StoredTensor | undefined
}

export interface OptimizerState {
  /** By the weight's number: those that decay come first, each group in the order of the student's weights. */
  readonly moments: ReadonlyMap<number, WeightMoments>
  readonly groups: readonly {
    readonly weights: readonly number[]
    /** Learning rate, weight decay and the like. */
    readonly options: Readonly<Record<string, Plain>>
  }[]
}

export interface OfficialCheckpoint {
  /** The names below the top. */
  readonly parts: readonly string[]
  readonly student: StateDict
  readonly teacher: StateDict
  readonly optimizer: OptimizerState | undefined
  /** The centres of the losses. */
  readonly losses: StateDict
  /** Epochs done. */
  readonly epoch: number | undefined
  readonly args: Readonly<Record<string, Plain>> | undefined
}

/** What wrappers add to names, wherever they stand in them: data parallel and sharded training, compiled models, Lightning. */
const WRAPPERS = /(?<=^|\.)(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\./g

/** The name that a weight has without wrappers: `backbone.norm.bias` of `module.backbone._orig_mod.norm.bias`. */
export const withoutWrappers = (name: string): string => name.replace(WRAPPERS, '')

/** The tensors of a dict, without the names of wrappers; undefined if it holds anything else. */
export const stateDictOf = (value: Value | undefined): E.Either<string, StateDict> | undefined => {
  const entries = namedEntries(value)
  if (entries === undefined || entries.size === 0) return undefined
  const tensors = new Map<string, StoredTensor>()
  for (const [name, one] of entries) {
    const tensor = tensorOf(one)
    if (tensor === undefined) return undefined
    if (E.isLeft(tensor)) return E.left(`${name}: ${tensor.left}`)
    tensors.set(withoutWrappers(name), tensor.right)
  }
  return E.right(tensors)
}

const required = (name: string, value: Value | undefined): E.Either<string, StateDict> =>
  stateDictOf(value) ?? E.left(`its ${name} is no dict of tensors`)

const momentsOf = (value: Value): E.Either<string, WeightMoments> => {
  const tensors = new Map<string, StoredTensor>()
  let step: WeightMoments['step']
  for (const [name, one] of namedEntries(value) ?? []) {
    const tensor = tensorOf(one)
    if (tensor !== undefined && E.isLeft(tensor)) return E.left(`its optimizer's ${name}: ${tensor.left}`)
    if (name === 'step') step = tensor === undefined ? Number(plainOf(one)) : tensor.right
    else if (tensor !== undefined) tensors.set(name, tensor.right)
  }
  return E.right({ tensors, step })
}

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(Number.isInteger)

const optimizerOf = (value: Value | undefined): E.Either<string, OptimizerState | undefined> => {
  if (value === undefined) return E.right(undefined)
  const entries = namedEntries(value)
  const state = entriesOf(entries?.get('state'))
  const groups = entries?.get('param_groups')
  if (state === undefined || !Array.isArray(groups)) return E.left('its optimizer has no state and no groups')
  return pipe(
    E.Do,
    E.bind('moments', () =>
      E.traverseArray(([key, one]: readonly [Value, Value]) =>
        pipe(
          momentsOf(one),
          E.map((moments) => [Number(key), moments] as const),
        ),
      )([...state]),
    ),
    E.bind('groups', () =>
      E.traverseArray((group: Value) => {
        const { params, ...options } = Object.fromEntries(
          [...(namedEntries(group) ?? [])].map(([name, one]) => [name, plainOf(one) ?? null]),
        )
        return isNumbers(params) ? E.right({ weights: params, options }) : E.left('a group of its optimizer lists no weights')
      })(groups as readonly Value[]),
    ),
    E.map(({ moments, groups }) => ({ moments: new Map(moments), groups })),
  )
}

/** Whether a value is such a checkpoint, and not a state dict alone. */
export const isOfficial = (value: Value): boolean => {
  const entries = namedEntries(value)
  return entries?.has('student') === true && entries.has('teacher')
}

/** Takes the parts of a checkpoint apart, or says in half a sentence what is wrong with them. */
export const officialOf = (value: Value): E.Either<string, OfficialCheckpoint> => {
  const top = namedEntries(value) ?? new Map<string, Value>()
  const epoch = plainOf(top.get('epoch') ?? null)
  const args = plainOf(top.get('args') ?? null)
  return pipe(
    E.Do,
    E.bind('student', () => required('student', top.get('student'))),
    E.bind('teacher', () => required('teacher', top.get('teacher'))),
    E.bind('optimizer', () => optimizerOf(top.get('optimizer'))),
    E.bind('losses', () =>
      top.has('ibot_loss') ? required('ibot_loss', top.get('ibot_loss')) : E.right<string, StateDict>(new Map()),
    ),
    E.map((parts) => ({
      ...parts,
      parts: [...top.keys()],
      epoch: typeof epoch === 'number' ? epoch : undefined,
      args: typeof args === 'object' && args !== null && !Array.isArray(args) ? (args as Record<string, Plain>) : undefined,
    })),
  )
}
