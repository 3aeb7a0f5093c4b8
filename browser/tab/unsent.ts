/** Loggers of a page, which sends nothing: pipelines that name some are refused before. */
import type { Logger } from '../../src/log/logger'

export const unsent = (title: string) => (): Logger => ({
  title,
  every: Number.POSITIVE_INFINITY,
  open: () => {
    throw new RangeError('a tab sends nothing')
  },
})
