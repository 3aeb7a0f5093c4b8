/** The state of a program: what is in it, what moves, and how it starts. */
import { elements } from '../base/shape'
import type { Head } from '../nn/head'
import { initialise } from '../nn/init'
import type { Init, WeightSpec, WeightSpecs } from '../nn/layer'
import type { Optimizer } from '../ops/slots'
import type { Losses } from './losses'
import type { Networks } from './networks'
import { below, HEAD, merged } from './stateNames'

export interface StateLayout {
  /** Every tensor of the state, in its order. */
  readonly specs: WeightSpecs
  /** Names, below `student.`, of what the optimizer moves. */
  readonly trainable: readonly string[]
  /** Whether weight decay applies: not to biases and one-dimensional weights, and to embeddings if the optimizer wants it so. */
  readonly decays: (name: string) => boolean
  /** Whether a weight belongs to a last layer of the head, which waits at the beginning. */
  readonly isLast: (name: string) => boolean
  /** The first values under a seed. */
  readonly init: (seed: number) => Readonly<Record<string, Float32Array>>
}

/**
 * Whose first value a teacher's weight takes from the student. A teacher that shares the last layer reads the student's
 * state dict in its order, in which the patches' layer comes last and overwrites that of [CLS].
 */
const startOf = (name: string, teacher: Head, student: Head): string => {
  const { cls, patch } = teacher.lastLayers
  const renamed = (from: string, to: string) => name.replace(`${HEAD}.${from}.`, `${HEAD}.${to}.`)
  if (name.startsWith(`${HEAD}.${patch}.`)) return renamed(patch, student.lastLayers.patch)
  return name.startsWith(`${HEAD}.${cls}.`) ? renamed(cls, student.lastLayers.cls) : name
}

const isSameInit = (one: Init, other: Init): boolean => {
  if (one.kind === 'constant') return other.kind === one.kind && other.value === one.value
  if (one.kind === 'uniform') return other.kind === one.kind && other.bound === one.bound
  if (one.kind === 'truncatedNormal') return other.kind === one.kind && other.std === one.std
  return other.kind === one.kind
}

const sameStart = (one: WeightSpec, other: WeightSpec | undefined): boolean =>
  other !== undefined && elements(one.shape) === elements(other.shape) && isSameInit(one.init, other.init)

const mapped = <A>(specs: WeightSpecs, to: (spec: WeightSpec, name: string) => A): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, to(spec, name)]))

/** `undecayed` names weights of the student that don't decay, though they have several dimensions. */
export const stateOf = (
  { student, teacher }: Networks,
  optimizer: Optimizer,
  losses: Losses,
  undecayed: readonly string[],
): StateLayout => {
  const trainable = Object.keys(student.weights).filter((name) => student.weights[name]!.trainable)
  const moments = merged(trainable.map((name) => below(name, optimizer.state(student.weights[name]!))))
  const students = { ...student.weights, ...student.buffers }
  const specs: WeightSpecs = {
    ...below('student', students),
    ...below('teacher', { ...teacher?.weights, ...teacher?.buffers }),
    ...below('optimizer', moments),
    ...losses.state(student.head.prototypes),
  }
  const init = (seed: number): Readonly<Record<string, Float32Array>> => {
    const drawn = below(
      'student',
      mapped(students, (spec, name) => initialise(spec, seed, name)),
    )
    return mapped(specs, (spec, name) => {
      if (drawn[name] !== undefined) return drawn[name]
      const [network, ...rest] = name.split('.')
      const inner = rest.join('.')
      if (teacher === undefined || network !== 'teacher') return initialise(spec, seed, inner)
      const start = startOf(inner, teacher.head, student.head)
      // Drawn again it would have the same values; to copy them takes no time beside that.
      return sameStart(spec, students[start]) ? drawn[`student.${start}`]!.slice() : initialise(spec, seed, start)
    })
  }
  return {
    specs,
    trainable,
    decays: (name) => !name.endsWith('.bias') && student.weights[name]!.shape.length > 1 && !undecayed.includes(name),
    isLast: (name) => name.includes('last_layer'),
    init,
  }
}
