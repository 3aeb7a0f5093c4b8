/** What is right in a pipeline, but seldom meant: told before a run, which goes on all the same. */
import type { Problem } from '../base/failure'
import { quoted } from '../dsl/check'
import { isStage } from '../dsl/registry'
import { type Fact, stageKind } from '../dsl/spec'
import { opName } from '../dsl/type'
import type { Span } from '../ops/schedule/kind'
import { lossSlot } from '../ops/slots'
import type { Design } from './design'
import { gridOf, MASKS_DRAWN, neverMasked, seldomMasked } from './masked'
import { cutSchedules } from './schedules'

/** Masks that begin only after the run has ended: the losses on hidden patches stay 0. */
const cutMasks = ({ masking, losses, sizes, backbone }: Design, { steps, stepsPerEpoch }: Span): readonly Problem[] => {
  if (masking === undefined) return []
  const epochs = Math.ceil(steps / stepsPerEpoch)
  const asking = neverMasked(losses, masking.meaning, gridOf(sizes[0]!, backbone.meaning.stride), epochs)
  return asking.length === 0
    ? []
    : [
        {
          code: 'cut-schedule',
          path: masking.path,
          at: 'value',
          message: `the run ends before a patch is hidden: it has ${epochs === 1 ? 'one epoch' : `${epochs} epochs`}, and ${asking.join(' and ')} stays 0`,
          suggestion: "let the masks begin earlier ('startingAt'), or train for longer",
        },
      ]
}

/** Masks that hide something so seldom that the losses on hidden patches learn next to nothing. */
const rareMasks = (design: Design, span: Span): readonly Problem[] => {
  const asking = seldomMasked(design, span)
  return asking.length === 0
    ? []
    : [
        {
          code: 'never-masked',
          path: design.masking!.path,
          at: 'value',
          message: `none of ${MASKS_DRAWN} masks drawn for all epochs of the run hides a patch: ${asking.join(' and ')} stays 0 in nearly all steps`,
          suggestion: 'hide more: a higher ratio, or more weight for the masks of the mixture that hide something',
        },
      ]
}

/** The losses that would use a fact, as a remedy. */
const lossesOn = ({ registry }: Design, facts: readonly Fact[]): string => {
  const users = registry.ops.filter(
    (spec) => isStage(spec) && spec.slot.name === lossSlot.name && spec.needs.some((fact) => facts.includes(fact)),
  )
  return quoted(users.map(({ name }) => name))
}

/** What a loss needs that looks at pictures as wholes, of which there are local views. */
const OF_PICTURES: readonly Fact[] = ['tokens.cls', 'logits.cls', 'logits.class']

/** A head, or local views, that no loss looks at: they cost time, and nothing is learnt by them. */
const unused = (design: Design): readonly Problem[] => {
  const { registry, head, views, losses } = design
  const needed = new Set(losses.flatMap(({ needs }) => needs))
  const spec = registry.find(stageKind, opName(head.op))
  const gives = spec !== undefined && isStage(spec) ? spec.gives : []
  const idle = gives.length > 0 && !gives.some((fact) => needed.has(fact))
  const local = views.meaning.views.find(({ kind }) => kind === 'local')
  return [
    ...(idle
      ? [
          {
            code: 'unused',
            path: head.path,
            at: 'key' as const,
            message: `no loss uses what '${head.name}' gives (${gives.join(', ')}): it stays as it begins`,
            suggestion: `leave it out, or add ${lossesOn(design, gives)}`,
          },
        ]
      : []),
    ...(local === undefined ||
    OF_PICTURES.some((fact) => needed.has(fact)) ||
    losses.some(({ meaning }) => meaning.comparesViews === true)
      ? []
      : [
          {
            code: 'unused',
            path: [...views.path, ...local.path.slice(0, 1)],
            at: 'key' as const,
            message: 'no loss looks at local views: they are made and computed for nothing',
            suggestion: `leave them out, or add ${lossesOn(design, ['logits.cls'])}`,
          },
        ]),
  ]
}

/** All that is right, but seldom meant. */
export const warningsOf = (design: Design, span: Span): readonly Problem[] => [
  ...cutSchedules(design, span),
  ...cutMasks(design, span),
  ...rareMasks(design, span),
  ...unused(design),
]
