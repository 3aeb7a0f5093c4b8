/** The user's own npm. */
import { statSync } from 'node:fs'
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path'
import { attempt } from '../../base/attempt'
import { type Paths, programOf } from '../../base/program'

export interface NpmPlaces extends Paths {
  /** The Node.js that runs this program. */
  readonly node: string
}

const isFile = (path: string): boolean => attempt(() => statSync(path).isFile()) === true

/** npm as JavaScript. */
const PROGRAM = 'npm-cli.js'

/** Windows' npm.cmd takes a shell to run; what it runs lies beside it. */
const onWindows = ({ env, node }: NpmPlaces): string | undefined =>
  [...(env.PATH ?? env.Path ?? '').split(delimiter).filter(isAbsolute), dirname(node)]
    .map((folder) => join(folder, 'node_modules', 'npm', 'bin', PROGRAM))
    .find(isFile)

/**
 * What starts npm, a program and its first arguments: the npm that has started this process, else the one on the PATH. Undefined
 * where there is none; pnpm and Yarn name themselves at the same place.
 */
export const npmProgram = (places: NpmPlaces): readonly [program: string, ...args: string[]] | undefined => {
  const { env, platform, node } = places
  const started = env.npm_execpath
  if (started !== undefined && basename(started) === PROGRAM && isAbsolute(started) && isFile(started)) return [node, started]
  if (platform !== 'win32') {
    const found = programOf('npm', places)
    return found === undefined ? undefined : [found]
  }
  const script = onWindows(places)
  return script === undefined ? undefined : [node, script]
}
