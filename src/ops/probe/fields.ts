/** Fields that probes have in common. */
import { maybe, required } from '../../dsl/type'
import { augmentations } from '../augmentation/kind'
import { period } from '../schedule/kind'
import { anySource } from '../source/kind'
import type { ProbeMetric } from './kind'

/** Of a probe that classifies pictures. */
export const classifierFields = {
  test: required(anySource, 'the pictures that are classified, with labels'),
  every: maybe(period, 'how long between two probes; by default only before and after'),
  prepare: maybe(
    augmentations,
    'what is done to each picture first, to pictures of one size; by default its shorter side is resized to 8/7 of the global views and the middle cut out, unless it has their size already',
  ),
} as const

/** A share of the test pictures. */
export const share = (doc: string): ProbeMetric => ({ doc, format: 'percent', better: 'higher' })

/** A setting that was found to be the best: no better where it is higher, nor where it is lower. */
export const setting = (doc: string): ProbeMetric => ({ doc, format: 'number', better: null })
