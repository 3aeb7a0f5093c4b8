/**
 * A plan: a pipeline as data, an ordered list of stages, with a phantom row `R` of the facts that they establish.
 *
 * A stage says which facts it needs and which it gives. The same two lists make the TypeScript error
 * ("Property 'mask' is missing …") and the message for YAML ("'maskedImageModeling' needs mask …").
 */
import { type Arguments, construct, type OpDefinition, type OpSpec } from './op'
import { type Fields, kind, type Op } from './type'

export const FACTS = [
  'images',
  'views',
  'mask',
  'tokens.cls',
  'tokens.patch',
  'logits.cls',
  'logits.patch',
  'teacher',
  'loss',
  'optimizer',
  'training',
] as const
export type Fact = (typeof FACTS)[number]
export type Has<F extends Fact> = { readonly [K in F]: true }

export interface Plan<out R = unknown> {
  readonly name: string
  readonly pipeline: readonly Op<'stage'>[]
  readonly _facts?: R | undefined
}

/** What a pipeline must have established to be run. */
export const RUNNABLE = ['images', 'views', 'loss', 'optimizer', 'teacher', 'training'] as const satisfies readonly Fact[]
export type Runnable = Has<(typeof RUNNABLE)[number]>

/** Where a stage belongs in the program; a slot that isn't `many` holds one stage at most. */
export interface Slot<M> {
  readonly name: string
  readonly many: boolean
  readonly _means?: M | undefined
}
export const slot = <M>(name: string, many = false): Slot<M> => ({ name, many })

export interface StageSpec extends OpSpec {
  readonly slot: Slot<unknown>
  readonly needs: readonly Fact[]
  readonly gives: readonly Fact[]
}

export const stageKind = kind<unknown>()({ name: 'stage', article: 'a stage' })

/** `stage(slot)({ name, needs, gives, … })` makes a stage: a function from a plan that has what it needs to one that has more. */
export const stage =
  <M>(of: Slot<M>) =>
  <const N extends Fact, const G extends Fact, F extends Fields, Main extends keyof F & string = never>(
    definition: OpDefinition<F, Main, M> & { readonly needs: readonly N[]; readonly gives: readonly G[] },
  ) => {
    const spec: StageSpec = { ...definition, kind: stageKind, slot: of }
    const make =
      (...[given]: Arguments<F, Main>) =>
      <R extends Has<N>>(plan: Plan<R>): Plan<R & Has<G>> => ({
        name: plan.name,
        pipeline: [...plan.pipeline, construct<'stage'>(spec, given)],
      })
    return Object.assign(make, { spec })
  }

// biome-ignore lint/complexity/noBannedTypes: the row of a pipeline that has established nothing yet
export type Nothing = {}

/** An empty pipeline. The name also names the run's folder: letters, digits, `.`, `_` and `-`. */
export const pipeline = (name: string): Plan<Nothing> => ({ name, pipeline: [] })
