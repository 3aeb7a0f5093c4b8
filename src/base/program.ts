/** Programs on the PATH. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { attempt } from './attempt'

/** Where a program is found. */
export interface Paths {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
}

/** The file of a program on the PATH; folders that are named from the current one on don't count. */
export const programOf = (name: string, { env, platform }: Paths): string | undefined =>
  (env.PATH ?? env.Path ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, platform === 'win32' ? `${name}.exe` : name))
    .find((path) =>
      attempt(() => {
        accessSync(path, constants.X_OK)
        return statSync(path).isFile()
      }),
    )
