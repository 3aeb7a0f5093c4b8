/** What is known of an op: its specification, from which codec, schema and documentation come; and of a stage, its place among facts. */
import { type AnyKind, type Fields, kind } from './type'

/** A mistake that an op finds among its own parameters, all of which are well-typed: `path` leads on from the op. */
export interface Objection {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly suggestion?: string | undefined
}

export interface OpSpec {
  readonly name: string
  readonly kind: AnyKind
  /** What it is, in one sentence. */
  readonly doc: string
  /** The formula that it stands for, as in the paper. */
  readonly equation?: string | undefined
  /** Where it comes from: paper section or equation, or the reference implementation's option. */
  readonly source?: string | undefined
  /** The module that exports it, as a path or a `file:` URL, where it isn't one of ibot's. */
  readonly module?: string | undefined
  readonly fields: Fields
  /** Parameters to show in the documentation, where those made up from the types would say little or not fit together. */
  readonly example?: unknown
  /** The field that a body which is no mapping stands for: `piecewise: [ … ]`. */
  readonly main?: string | undefined
  /** Parameters of which one at most is given, in groups: setting one replaces the other. */
  readonly exclusive?: readonly (readonly string[])[] | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the parameters' type is known where the op is defined
  readonly refine?: ((params: any) => readonly Objection[]) | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the parameters' type is known where the op is defined
  readonly build: (params: any) => unknown
}

/** What a stage can establish for those below it, and the stage that messages of the compiler name for it, where there are several. */
export const FACTS = {
  images: 'dataset',
  labels: 'dataset',
  views: 'views',
  mask: 'masking',
  'tokens.cls': 'vitSmall',
  'tokens.patch': 'vitSmall',
  'logits.cls': 'projectionHead',
  'logits.patch': 'projectionHead',
  'logits.class': 'classifier',
  teacher: 'emaTeacher',
  loss: 'clsDistillation',
  optimizer: 'adamw',
  training: 'train',
  // Nothing needs these: they are given so that the types, too, see a second stage that gives them.
  mixed: 'mixing',
  initialWeights: 'initialWeights',
  checkpoints: 'checkpoint',
  logs: 'log',
} as const
export type Fact = keyof typeof FACTS
/** The stage that is named for a fact. */
export type Giver<F extends Fact> = (typeof FACTS)[F]

/** Where a stage belongs in the program; a slot that isn't `many` holds one stage at most. */
export interface Slot<M, Many extends boolean = boolean, Name extends string = string> {
  readonly name: Name
  readonly many: Many
  readonly _meaning?: M | undefined
}

interface MakeSlot<M> {
  <const Name extends string>(name: Name): Slot<M, false, Name>
  <const Name extends string>(name: Name, many: true): Slot<M, true, Name>
}

/** `slot<Meaning>()(name)`: what its stages mean is written, its name inferred. */
export const slot = <M>(): MakeSlot<M> => ((name: string, many = false) => ({ name, many })) as MakeSlot<M>

/** Parameters of a stage that make no difference to what is computed: a run may go on with others, or, where it is all of them, without the stage. */
export type Free<F extends Fields = Fields> = 'all' | readonly (keyof F & string)[]

export interface StageSpec extends OpSpec {
  readonly slot: Slot<unknown>
  readonly needs: readonly Fact[]
  readonly gives: readonly Fact[]
  /** Parameters that mean something only where some stage of the pipeline, above or below, gives a fact. */
  readonly onlyWith?: Readonly<Record<string, Fact | undefined>> | undefined
  readonly free?: Free | undefined
}

export const stageKind = kind<unknown>()({ name: 'stage', article: 'a stage' })
