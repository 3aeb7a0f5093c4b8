/**
 * A plan: a pipeline as data, an ordered list of stages, with a phantom row `R` of the facts that they establish.
 *
 * A stage says which facts it needs and which it gives. The same two lists make the compiler's message
 * ("'maskedImageModeling' needs 'mask': put masking(…) above it") and the one for YAML ("'maskedImageModeling' needs mask …").
 * A slot that isn't `many` is filled once: what its stages give can't have been given above.
 */
import { type Arguments, construct, type OpDefinition } from './op'
import { type Fact, type Free, type Giver, type Slot, type StageSpec, stageKind } from './spec'
import type { Fields, Op } from './type'

export type Has<F extends Fact> = { readonly [K in F]: true }

/** The first of these facts that a row lacks. */
type Lacking<R, N extends readonly Fact[]> = N extends readonly [infer F extends Fact, ...infer Rest extends readonly Fact[]]
  ? F extends keyof R
    ? Lacking<R, Rest>
    : F
  : never

/** The first of these facts that a row has. */
type Having<R, G extends readonly Fact[]> = G extends readonly [infer F extends Fact, ...infer Rest extends readonly Fact[]]
  ? F extends keyof R
    ? F
    : Having<R, Rest>
  : never

/**
 * What a stage asks of a plan besides being one: nothing where its row fits, else to be the text that says why it doesn't, which
 * no plan is, so that the compiler's error ends in it. It is asked of the argument and not of the row by a constraint, which would
 * infer another row and complain of that one.
 */
export type Fits<R, Who extends string, N extends readonly Fact[], G extends readonly Fact[], Many extends boolean> = [
  Lacking<R, N>,
] extends [never]
  ? Many extends true
    ? unknown
    : [Having<R, G>] extends [never]
      ? unknown
      : `a second '${Who}': keep one of the two`
  : `'${Who}' needs '${Lacking<R, N>}': put ${Giver<Lacking<R, N>>}(…) above it`

/**
 * What a message calls a stage. Where one stage alone can stand, it is what it is for: so stages that may stand in the place of one
 * another are of one type, and a program can choose among them.
 */
type Called<Name extends string, SlotName extends string, Many extends boolean> = Many extends true ? Name : SlotName

export interface Plan<out R = unknown> {
  readonly name: string
  readonly pipeline: readonly Op<'stage'>[]
  readonly _facts?: R | undefined
}

/** What a pipeline must have established to be run; what else it needs follows from its losses. */
export const RUNNABLE = ['images', 'views', 'loss', 'optimizer', 'training'] as const satisfies readonly Fact[]
export type Runnable = Has<(typeof RUNNABLE)[number]>

/** What a run asks of a plan besides being one, as `Fits` for a stage. */
export type Complete<R> = [Lacking<R, typeof RUNNABLE>] extends [never]
  ? unknown
  : `a run needs '${Lacking<R, typeof RUNNABLE>}': put ${Giver<Lacking<R, typeof RUNNABLE>>}(…) into the pipeline`

/** `stage(slot)({ name, needs, gives, … })` makes a stage: a function from a plan that has what it needs to one that has more. */
export const stage =
  <M, Many extends boolean = boolean, In extends string = string>(of: Slot<M, Many, In>) =>
  <
    const Name extends string,
    const N extends readonly Fact[],
    const G extends readonly Fact[],
    F extends Fields,
    Main extends keyof F & string = never,
  >(
    definition: OpDefinition<F, Main, M> & {
      readonly name: Name
      readonly needs: N
      readonly gives: G
      /** Parameters without meaning where no stage gives a fact: `{ teacherOutput: 'teacher' }`. */
      readonly onlyWith?: { readonly [K in keyof F & string]?: Fact }
      /** Parameters that may be others when a run goes on, as they make no difference to what is computed: `['workers']`; 'all' for the stage itself. */
      readonly free?: Free<F>
    },
  ) => {
    const spec: StageSpec = { ...definition, kind: stageKind, slot: of }
    const make =
      (...[given]: Arguments<F, Main>) =>
      <R>(plan: Plan<R> & Fits<R, Called<Name, In, Many>, N, G, Many>): Plan<R & Has<G[number]>> => ({
        name: plan.name,
        pipeline: [...plan.pipeline, construct<'stage'>(spec, given)],
      })
    return Object.assign(make, { spec })
  }

// biome-ignore lint/complexity/noBannedTypes: the row of a pipeline that has established nothing yet
export type Nothing = {}

/** An empty pipeline. The name also names the run's folder: letters, digits, `.`, `_` and `-`. */
export const pipeline = (name: string): Plan<Nothing> => ({ name, pipeline: [] })
