/** There are no modules of one's own in a page: it loads nothing but itself. */
import * as TE from 'fp-ts/TaskEither'
import { missing } from '../../../../src/base/failure'
import type * as original from '../../../../src/ops/userOps'

export const loadOps: typeof original.loadOps = () =>
  TE.left(missing('a page loads no modules of your own', "Run the pipeline with 'ibot run'."))

export const modulesOf: typeof original.modulesOf = () => []
