/** Data sets that come as npm packages: only their data files are read, their code is never run. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { attempt } from '../../base/attempt'
import { command } from '../../base/command'

export interface NpmPackage {
  readonly name: string
  readonly version: string
  /** What it is to a person: `CIFAR-10`. */
  readonly holds: string
  /** Of its archive, as registries tell it: `sha512-` and the digest in base 64. */
  readonly integrity: string
  /** Of its archive. */
  readonly bytes: number
  /** The files that are read, with their sizes. */
  readonly files: Readonly<Record<string, number>>
}

type Named = Pick<NpmPackage, 'name' | 'version'>

/** The package as npm's commands name it. */
export const specOf = ({ name, version }: Named): string => `${name}@${version}`

/** The command that makes a package a part of one's project. */
export const installCommand = (named: Named): string => command('npm', 'install', '--save-dev', specOf(named))

/** The folder of an installed package of this very version: as seen from the current working directory, else from this program itself. */
export const installedAt = ({ name, version }: Named): string | undefined => {
  const from = (file: string) =>
    attempt(() => {
      const path = createRequire(file).resolve(`${name}/package.json`)
      const { version: found } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version?: unknown }
      return found === version ? dirname(path) : undefined
    })
  return from(join(process.cwd(), 'package.json')) ?? from(__filename)
}
