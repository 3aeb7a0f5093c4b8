/** Where a user's caches lie. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** What decides where a user's caches lie. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
}

/**
 * The folder for data that can be made again: IBOT_CACHE itself where it is set, else `ibot` in XDG_CACHE_HOME or in the
 * system's usual place. The folder need not exist.
 */
export const cacheFolder = (
  { env, platform, home }: Surroundings = { env: process.env, platform: process.platform, home: homedir() },
): string => {
  if (env.IBOT_CACHE) return env.IBOT_CACHE
  // A relative path here is invalid and to be ignored, says the XDG base directory specification.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'ibot')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'ibot')
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'ibot')
  return join(home, '.cache', 'ibot')
}
