/** Plugins among the packages of the user's Python, which is asked where they are and imports none. */
import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Task } from 'fp-ts/Task'
import { attempt } from '../../base/attempt'
import { sizeOf } from '../../wheels/cache'
import type { Host } from '../../wheels/host'
import { runPython } from '../../wheels/python'
import type { PluginKind } from './kind'
import type { Plugin } from './plugin'

const ASK = 'import json, sys; print(json.dumps(sys.path))'
/** Milliseconds; a Python on a slow disk must not hold up what can do without. */
const PATIENCE = 20_000

/** The folders that Python has its packages in. Whatever goes wrong in asking means that there are none. */
export const packageFolders =
  (host: Host): Task<readonly string[]> =>
  async () => {
    const ended = await runPython(host, ['-c', ASK], { timeout: PATIENCE })()
    if (E.isLeft(ended) || ended.right?.code !== 0) return []
    const { stdout } = ended.right
    const said = attempt((): unknown => JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
    const paths = Array.isArray(said) ? said.filter((path): path is string => typeof path === 'string' && isAbsolute(path)) : []
    return [...new Set(paths)]
  }

const namesIn = (folder: string): readonly string[] => attempt(() => readdirSync(folder)) ?? []

/** The version in the metadata of a package that is installed in a folder. */
export const versionIn = (folder: string, name: string): string | undefined => {
  const info = `${name.replaceAll('-', '_')}-`
  const found = namesIn(folder).find((entry) => entry.startsWith(info) && entry.endsWith('.dist-info'))
  if (found === undefined) return undefined
  return attempt(() => /^Version: *(\S+)/m.exec(readFileSync(join(folder, found, 'METADATA'), 'utf8'))?.[1])
}

/** Those for JAX that no kind is known of, by the name of their folder: `xla_oneapi`. */
const unknownIn = (folder: string): readonly Plugin[] =>
  namesIn(join(folder, 'jax_plugins')).flatMap((entry) => {
    const name = entry.replace(/^xla_/, '')
    return namesIn(join(folder, 'jax_plugins', entry))
      .filter((file) => /^xla_\w+_plugin\.so$/.test(file))
      .map((file) => ({
        ...{ name, file: join(folder, 'jax_plugins', entry, file), device: undefined },
        ...{ source: 'python' as const, version: versionIn(folder, `jax-${name}-pjrt`) },
      }))
  })

/** The plugins in the folders of packages: those of known kinds in their order, then the others. */
export const pluginsIn = (folders: readonly string[], kinds: readonly PluginKind[]): readonly Plugin[] => {
  const known = kinds.flatMap(({ name, device, package: from, file }) =>
    folders
      .filter((folder) => sizeOf(join(folder, file)) !== undefined)
      .map((folder): Plugin => {
        const version = versionIn(folder, from)
        return { name, file: join(folder, file), device, source: 'python', version }
      }),
  )
  const files = known.map(({ file }) => file)
  return [...known, ...folders.flatMap(unknownIn).filter(({ file }) => !files.includes(file))]
}
