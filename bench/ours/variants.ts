/** How a step can be computed: the one place in which the exact savings over the official code are switched off. */
import type { ProgramOptions } from '../../src/program/program'

export const VARIANTS = {
  default: {},
  'without-monitors': { monitors: false },
  'dense-centre': { dense: { mean: true } },
  'dense-last-block': { dense: { lastBlock: true } },
  // Where all logits are wanted, so is all of the last block: the saving in logits shows only beside the form before.
  'dense-last-block-and-logits': { dense: { lastBlock: true, logits: true } },
} as const satisfies Readonly<Record<string, ProgramOptions>>

export type Variant = keyof typeof VARIANTS
