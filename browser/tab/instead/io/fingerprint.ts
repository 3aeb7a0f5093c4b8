/** No run outlives its tab: nothing asks whether the data changed since. */
import type * as original from '../../../../src/io/fingerprint'

export const fingerprint: typeof original.fingerprint = () => ''
