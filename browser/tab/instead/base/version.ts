/** The version of the package that the page was made of. */
import type * as original from '../../../../src/base/version'

declare const IBOT_VERSION: string

export const version: typeof original.version = IBOT_VERSION
