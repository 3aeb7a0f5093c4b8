/** XLA as an engine that is ready to compute: a plugin is loaded, and its devices are there. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { thisHost } from '../../tensorflow/library/host'
import { createClient, type XlaClient } from '../../xla/client'
import { XlaError } from '../../xla/error'
import type { NamedValues } from '../../xla/namedValue'
import { loadPlugin, type Plugin } from '../../xla/pjrt'
import type { Device, Engine, EngineOptions } from '../engine'
import { ABILITIES } from './abilities'
import { computerOn } from './computer'
import type { Compiler } from './programs'

/** What sentences and `--json` call a kind of device. */
const TYPES: Readonly<Record<string, string>> = { cuda: 'GPU', rocm: 'GPU', gpu: 'GPU', tpu: 'TPU', cpu: 'CPU' }

const typeOf = ({ platform }: XlaClient): string => TYPES[platform.toLowerCase()] ?? platform.toUpperCase()

const devicesOf = (client: XlaClient): readonly Device[] =>
  client.devices.map(({ id, kind, memory }) => ({
    name: `${kind} ${id}`,
    type: typeOf(client),
    memory: memory()?.limit ?? 0,
  }))

/** Of how many devices a batch of so many pictures can be shared out evenly, at most `count`. */
export const sharedBy = (pictures: number, count: number): number => {
  for (let devices = count; devices > 1; devices--) if (pictures % devices === 0) return devices
  return 1
}

/** A CPU is as many devices as it is asked to be; of GPUs all are seen. */
const clientOptions = (platform: 'cpu' | 'other', count: number): NamedValues =>
  platform === 'cpu' ? { cpu_device_count: { int64: count } } : {}
