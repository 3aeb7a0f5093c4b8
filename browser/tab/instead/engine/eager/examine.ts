/** Nothing is examined in a page: an engine that doesn't start says why. */
import type * as original from '../../../../../src/engine/eager/examine'

export const examine: typeof original.examine = () => ({ verdict: 'computes', why: 'it is a part of this page', complaints: [] })
