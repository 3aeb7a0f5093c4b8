/**
 * A plan: a pipeline as data, an ordered list of stages, with a phantom row `R` of the facts that they establish.
 *
 * A stage says which facts it needs and which it gives. The same two lists make the TypeScript error
 * ("Property 'mask' is missing …") and the message for YAML ("'maskedImageModeling' needs mask …"). A slot that isn't
 * `many` is filled once: what its stages give can't have been given above.
 */
import { type Arguments, construct, type OpDefinition } from './op'
import { type Fact, type Slot, type StageSpec, stageKind } from './spec'
import type { Fields, Op } from './type'

export type Has<F extends Fact> = { readonly [K in F]: true }

/**
 * What is asked of a plan besides its row: that no stage above has given what a slot that holds one stage gives. It is asked
 * of the argument, not of the row: a row that both lacks and has a fact would be `never`, and fit everywhere.
 */
export type Lacks<R, G extends Fact, Many extends boolean> = Many extends true
  ? unknown
  : [keyof R & G] extends [never]
    ? unknown
    : { readonly [K in keyof R & G & string as `'${K}' is given already: keep one of the two stages`]: never }

export interface Plan<out R = unknown> {
  readonly name: string
  readonly pipeline: readonly Op<'stage'>[]
  readonly _facts?: R | undefined
}

/** What a pipeline must have established to be run; what else it needs follows from its losses. */
export const RUNNABLE = ['images', 'views', 'loss', 'optimizer', 'training'] as const satisfies readonly Fact[]
export type Runnable = Has<(typeof RUNNABLE)[number]>

/** `stage(slot)({ name, needs, gives, … })` makes a stage: a function from a plan that has what it needs to one that has more. */
export const stage =
  <M, Many extends boolean = boolean>(of: Slot<M, Many>) =>
  <const N extends Fact, const G extends Fact, F extends Fields, Main extends keyof F & string = never>(
    definition: OpDefinition<F, Main, M> & {
      readonly needs: readonly N[]
      readonly gives: readonly G[]
      /** Parameters without meaning where no stage gives a fact: `{ teacherOutput: 'teacher' }`. */
      readonly onlyWith?: { readonly [K in keyof F & string]?: Fact }
    },
  ) => {
    const spec: StageSpec = { ...definition, kind: stageKind, slot: of }
    const make =
      (...[given]: Arguments<F, Main>) =>
      <R extends Has<N>>(plan: Plan<R> & Lacks<R, G, Many>): Plan<R & Has<G>> => ({
        name: plan.name,
        pipeline: [...plan.pipeline, construct<'stage'>(spec, given)],
      })
    return Object.assign(make, { spec })
  }

// biome-ignore lint/complexity/noBannedTypes: the row of a pipeline that has established nothing yet
export type Nothing = {}

/** An empty pipeline. The name also names the run's folder: letters, digits, `.`, `_` and `-`. */
export const pipeline = (name: string): Plan<Nothing> => ({ name, pipeline: [] })
