/** Graphics cards and their drivers, as Linux tells them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt } from '../base/attempt'
import { type Paths, programOf } from '../base/program'

export interface GraphicsCards {
  /** The models of the cards that NVIDIA's driver drives, whether they are used or not. */
  readonly gpus: readonly string[]
  readonly drivers: {
    /** The version of NVIDIA's: 580.65.06. */
    readonly nvidia: string | undefined
    readonly amd: boolean
  }
}

/** What is looked at; tests look at something else. */
export interface CardPlaces extends Paths {
  /** Where NVIDIA's driver tells of itself. */
  readonly nvidia: string
  /** The device of AMD's driver. */
  readonly amd: string
}

/** The version in the text of /proc/driver/nvidia/version. */
export const versionOfNvidia = (text: string): string | undefined => /^NVRM version:.*?\s(\d+(?:\.\d+)+)\s/m.exec(text)?.[1]

const modelsIn = (folder: string): readonly string[] =>
  (attempt(() => readdirSync(folder)) ?? []).map(
    (name) =>
      attempt(() => /^Model:\s*(.+)$/m.exec(readFileSync(join(folder, name, 'information'), 'utf8'))?.[1]) ?? 'an NVIDIA GPU',
  )

/** Milliseconds; a driver that hangs must not hold up what can do without. */
const PATIENCE = 10_000

/** What nvidia-smi says: in some containers, and in Linux on Windows, the driver tells nothing of itself. */
const bySmi = (places: CardPlaces): readonly (readonly [version: string, model: string])[] => {
  const program = places.platform === 'linux' ? programOf('nvidia-smi', places) : undefined
  if (program === undefined) return []
  const text = attempt(() =>
    execFileSync(program, ['--query-gpu=driver_version,name', '--format=csv,noheader'], {
      ...{ encoding: 'utf8', timeout: PATIENCE, stdio: ['ignore', 'pipe', 'ignore'] },
    }),
  )
  return [...(text ?? '').matchAll(/^(\d+(?:\.\d+)+), *(.+)$/gm)].map(([, version, model]) => [version!, model!.trim()])
}

const here = (): CardPlaces => ({
  env: process.env,
  platform: process.platform,
  nvidia: '/proc/driver/nvidia',
  amd: '/dev/kfd',
})

export const graphicsCards = (places: CardPlaces = here()): GraphicsCards => {
  const amd = existsSync(places.amd)
  const version = attempt(() => versionOfNvidia(readFileSync(join(places.nvidia, 'version'), 'utf8')))
  if (version !== undefined) return { gpus: modelsIn(join(places.nvidia, 'gpus')), drivers: { nvidia: version, amd } }
  const said = bySmi(places)
  return { gpus: said.map(([, model]) => model), drivers: { nvidia: said[0]?.[0], amd } }
}
