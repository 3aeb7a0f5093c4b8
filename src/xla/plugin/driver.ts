/** Which plugin fits the drivers of a machine. */
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import type { PluginKind } from './kind'
import { KINDS } from './kinds'

/** The drivers of graphics cards that a machine has. */
export interface Drivers {
  /** The version of NVIDIA's: 580.65.06. */
  readonly nvidia: string | undefined
  readonly amd: boolean
}

const major = (version: string): number => Number(version.split('.')[0])

const fits = ({ driver }: PluginKind, { nvidia, amd }: Drivers): boolean => {
  if (driver === undefined) return true
  return driver.of === 'amd' ? amd : nvidia !== undefined && major(nvidia) >= driver.oldest
}

const IN_CONTAINER = 'in a container, let it see the GPU'

/** Why a plugin can't compute with these drivers; undefined where it can. */
export const driverFault = (kind: PluginKind, drivers: Drivers, kinds: readonly PluginKind[] = KINDS): Failure | undefined => {
  const { name, driver } = kind
  if (driver === undefined || fits(kind, drivers)) return undefined
  if (driver.of === 'amd')
    return missing(
      `XLA's plugin ${name} needs AMD's driver, and there is none`,
      `Install ROCm 7 with its driver; ${IN_CONTAINER} (/dev/kfd).`,
    )
  if (drivers.nvidia === undefined)
    return missing(
      `XLA's plugin ${name} needs NVIDIA's driver, and there is none`,
      `Install NVIDIA's driver ${driver.oldest} or newer; ${IN_CONTAINER} (docker run --gpus all).`,
    )
  const other = E.isRight(gpuKind(drivers, kinds)) ? ', or fetch the plugin for this one: ibot setup --gpu' : '.'
  return missing(
    `XLA's plugin ${name} needs NVIDIA's driver ${driver.oldest} or newer, and this is ${drivers.nvidia}`,
    `Install a newer driver${other}`,
  )
}

/** The kind of plugin for the graphics card of a machine, as its driver tells. */
export const gpuKind = (drivers: Drivers, kinds: readonly PluginKind[] = KINDS): E.Either<Failure, PluginKind> => {
  const forGpus = kinds.filter(({ device }) => device === 'gpu')
  const found = forGpus.find((kind) => fits(kind, drivers))
  if (found !== undefined) return E.right(found)
  const oldest = Math.min(...forGpus.flatMap(({ driver }) => (driver?.of === 'nvidia' ? driver.oldest : [])))
  return E.left(
    drivers.nvidia === undefined
      ? missing(
          'no driver of a graphics card was found, which would tell the plugin that fits',
          `Install NVIDIA's driver (${IN_CONTAINER}: docker run --gpus all), or name a plugin: ibot setup --xla ${forGpus[0]?.name}`,
        )
      : missing(`NVIDIA's driver is ${drivers.nvidia}, and XLA's plugins need ${oldest} or newer`, 'Install a newer driver.'),
  )
}
