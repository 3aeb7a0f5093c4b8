/** The probes that a command asks for: those of a run's pipeline, or others, written out or named. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as RA from 'fp-ts/ReadonlyArray'
import { type Failure, type Problem, rejected } from '../base/failure'
import type { Document } from '../dsl/document'
import { nearest } from '../dsl/nearest'
import { opToYaml } from '../dsl/print'
import type { Edits } from '../dsl/read'
import { isStage, type Registry } from '../dsl/registry'
import { type Fact, type StageSpec, stageKind } from '../dsl/spec'
import { type Json, opBody, opName } from '../dsl/type'
import type { Probe } from '../ops/probe/kind'
import { probeSlot } from '../ops/slots'
import { source } from '../ops/source/kind'
import { type Design, readDesign } from '../program/design'
import type { BuiltStage } from '../program/stages'

export interface AskedProbes extends Edits {
  /** Names of probes, or stages written out as YAML; by default those of the pipeline. */
  readonly probes?: readonly string[] | undefined
  /** Whether every other probe is asked for, too, that takes nothing but the pictures of one of the pipeline's. */
  readonly all?: boolean | undefined
}

/** A design whose probes are those that are asked for, and the document that problems are shown in. */
export interface AskedDesign {
  readonly design: Design
  readonly document: Document
}

const problem = (message: string, suggestion: string): Failure => {
  const one: Problem = { code: 'unknown-probe', path: [], at: 'value', message, suggestion }
  return rejected([one])
}

const probeSpecs = ({ ops }: Registry): readonly StageSpec[] =>
  ops.filter(isStage).filter(({ slot }) => slot.name === probeSlot.name)

/** The fields of a probe that have to be given. */
const needed = ({ fields }: StageSpec) => Object.entries(fields).filter(([, { optional }]) => !optional)

/** Whether nothing has to be given but pictures. */
const takesPicturesOnly = (spec: StageSpec): boolean =>
  needed(spec).every(([, { type }]) => type.node.tag === 'op' && type.node.kind.name === source.name)

/** The pictures that the pipeline's first probe with a source of its own has. */
const picturesOf = (probes: readonly BuiltStage<Probe>[]): Json | undefined => {
  for (const { op, meaning } of probes)
    for (const [name, set] of Object.entries(meaning.sets)) if (set.source !== undefined) return opBody(op)[name]
  return undefined
}

/** A probe with the pictures of another one, as YAML. */
const filled = (spec: StageSpec, pictures: Json): string =>
  opToYaml({ [spec.name]: Object.fromEntries(needed(spec).map(([name]) => [name, pictures])) })

const isWritten = (asked: string): boolean => /[:{\n]/.test(asked)

/** What an asked probe adds to the pipeline as YAML; nothing if it is there. */
const addition = (design: Design, asked: string): E.Either<Failure, readonly string[]> => {
  if (design.probes.some(({ name }) => name === asked)) return E.right([])
  if (isWritten(asked)) return E.right([asked])
  const specs = probeSpecs(design.registry)
  const spec = specs.find(({ name }) => name === asked)
  if (spec === undefined) {
    const known = [...design.probes.map(({ name }) => name), ...specs.map(({ name }) => name)]
    const near = nearest(asked, known)
    return E.left(
      problem(`there is no probe '${asked}'`, near ? `did you mean '${near}'?` : `there are ${[...new Set(known)].join(', ')}`),
    )
  }
  const pictures = picturesOf(design.probes)
  return takesPicturesOnly(spec) && pictures !== undefined
    ? E.right([filled(spec, pictures)])
    : E.left(
        problem(
          `the pipeline doesn't say which pictures '${asked}' takes`,
          `write it out: --probe '${asked}: { ${needed(spec)
            .map(([name]) => `${name}: …`)
            .join(', ')} }'`,
        ),
      )
}

/** The facts that a pipeline's stages give. */
const givenBy = ({ plan, registry }: Design): readonly Fact[] =>
  plan.pipeline.flatMap((op) => {
    const spec = registry.find(stageKind, opName(op))
    return spec !== undefined && isStage(spec) ? spec.gives : []
  })

/** Every probe that the pipeline lacks, and that its stages and its pictures are enough for. */
const others = (design: Design): readonly string[] => {
  const { probes, registry } = design
  const pictures = picturesOf(probes)
  const given = givenBy(design)
  return pictures === undefined
    ? []
    : probeSpecs(registry)
        .filter((spec) => takesPicturesOnly(spec) && !probes.some(({ op }) => spec.name in op))
        .filter(({ needs }) => needs.every((fact) => given.includes(fact)))
        .map((spec) => filled(spec, pictures))
}

/** A list item of a document's `pipeline`, which is the last thing in it, as `ibot run` writes it. */
const item = (yaml: string): string => `  - ${yaml.split('\n').join('\n    ')}\n`

/** The design in a run's resolved pipeline, with the probes that are asked for and no others. */
export const askedDesign = (
  registry: Registry,
  file: string,
  text: string,
  { probes: asked = [], all = false, set, unset }: AskedProbes,
): E.Either<Failure, AskedDesign> =>
  pipe(
    E.Do,
    E.bind('own', () =>
      pipe(
        readDesign(registry, file, text),
        E.bimap(rejected, ({ design }) => design),
      ),
    ),
    E.bind('added', ({ own }) =>
      pipe(
        asked,
        RA.map((one) => addition(own, one)),
        E.sequenceArray,
        E.map((lists) => [...lists.flat(), ...(all ? others(own) : [])]),
      ),
    ),
    E.bind('read', ({ added }) =>
      pipe(readDesign(registry, file, `${text.trimEnd()}\n${added.map(item).join('')}`, { set, unset }), E.mapLeft(rejected)),
    ),
    E.chain(({ own, read: { design, document } }) => {
      const chosen = design.probes.filter(
        ({ name }, i) => i >= own.probes.length || all || asked.length === 0 || asked.includes(name),
      )
      return chosen.length === 0
        ? E.left(
            problem(
              'the pipeline has no probe',
              `name one with its pictures: --probe 'knn: { test: { imageFolder: data/val } }'`,
            ),
          )
        : E.right({ document, design: { ...design, probes: chosen } })
    }),
  )
