/** XLA as an engine that is ready to compute: a plugin is loaded, and its devices are there. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../../base/failure'
import { graphicsCards } from '../../io/graphicsCards'
import type { Training } from '../../ops/slots'
import type { BatchShape } from '../../program/batch'
import type { Program } from '../../program/program'
import { thisHost } from '../../tensorflow/library/host'
import type { Host } from '../../wheels/host'
import { createClient, type XlaClient } from '../../xla/client'
import { XlaError } from '../../xla/error'
import type { NamedValues } from '../../xla/namedValue'
import { loadPlugin, type Plugin } from '../../xla/pjrt'
import { choosePlugin } from '../../xla/plugin/choose'
import { findPlugins } from '../../xla/plugin/find'
import type { DeviceType } from '../../xla/plugin/kind'
import type { Plugin as PluginFile } from '../../xla/plugin/plugin'
import type { Processes } from '../collective'
import type { Device, Engine, EngineOptions } from '../engine'
import { ABILITIES } from './abilities'
import { computerOn } from './computer'
import type { Compiler } from './programs'

/** What sentences and `--json` call a kind of device. */
const TYPES: Readonly<Record<string, string>> = { cuda: 'GPU', rocm: 'GPU', gpu: 'GPU', tpu: 'TPU', cpu: 'CPU', host: 'CPU' }

/** The devices of a client, as engines list them. */
export const devicesOf = (client: XlaClient): readonly Device[] =>
  client.devices.map(({ id, kind, memory }) => {
    const told = memory()
    return {
      name: `${kind} ${id}`,
      type: TYPES[client.platform.toLowerCase()] ?? client.platform.toUpperCase(),
      memory: told?.limit ?? 0,
      peak: told?.peak,
    }
  })

/** Where several kinds of devices could compute, the fastest do. */
const ORDER: readonly DeviceType[] = ['gpu', 'tpu', 'cpu']

const REMEDY: Readonly<Record<Training['device'], string>> = {
  auto: "Fetch one with 'ibot setup --gpu', or for the processor 'ibot setup --xla cpu'.",
  gpu: "Fetch one with 'ibot setup --gpu'.",
  tpu: "Fetch one with 'ibot setup --xla tpu'.",
  cpu: "Fetch one with 'ibot setup --xla cpu'.",
}

const chosen = (host: Host, device: Training['device']): TE.TaskEither<Failure, PluginFile> =>
  pipe(
    findPlugins(host),
    TE.chain((plugins) => {
      const { drivers } = graphicsCards()
      const [plugin] = (device === 'auto' ? ORDER : [device]).flatMap((type) => choosePlugin(plugins, type, drivers) ?? [])
      const what = device === 'auto' ? 'of XLA' : `of XLA for ${device === 'cpu' ? 'the processor' : `a ${device.toUpperCase()}`}`
      return TE.fromNullable(missing(`no plugin ${what} that can compute is here`, REMEDY[device]))(plugin)
    }),
  )

/** Share of a GPU's memory that XLA may take; 0.9 where nobody says. */
const memoryFraction = (env: Host['env']): number => {
  const value = Number(env.IBOT_GPU_MEMORY)
  return value > 0 && value <= 1 ? value : 0.9
}

/** Which of several processes a client is of. */
const nodeOf = ({ rank, size }: Processes): NamedValues => ({ node_id: { int64: rank }, num_nodes: { int64: size } })

/** A processor is as many devices as it is asked to be; all GPUs are seen, and their memory is taken as it is needed. */
export const clientOptions = (
  env: Host['env'],
  { device }: Pick<PluginFile, 'device'>,
  count: number,
  processes?: Processes,
): NamedValues =>
  device === 'gpu'
    ? {
        preallocate: { bool: false },
        memory_fraction: { float: memoryFraction(env) },
        ...(processes === undefined ? {} : nodeOf(processes)),
      }
    : device === 'tpu'
      ? {}
      : { cpu_device_count: { int64: count } }

/** Only GPUs' plugins exchange values between processes that meet as ours do. */
const checkProcesses = ({ name, device }: PluginFile, processes: Processes | undefined): E.Either<Failure, void> =>
  processes === undefined || device === 'gpu'
    ? E.right(undefined)
    : E.left(
        missing(
          `XLA's plugin ${name} computes in one process, and ${processes.size} are to share out a step`,
          "Compute on GPUs, or with '--backend tensorflow'.",
        ),
      )

const clientOf = (
  plugin: Plugin,
  file: PluginFile,
  host: Host,
  count: number,
  processes: Processes | undefined,
): TE.TaskEither<Failure, XlaClient> =>
  TE.tryCatch(
    () => createClient(plugin, clientOptions(host.env, file, count, processes), processes?.store),
    (error) =>
      error instanceof XlaError
        ? missing(
            `XLA's plugin ${file.name} finds no device that it can use: ${error.message}`,
            "Look at 'ibot doctor'; another process may hold the device. '--backend tensorflow' computes on the processor.",
          )
        : defect(error),
  )

/** Of how many devices a batch of so many pictures can be shared out evenly, at most `count`. */
export const sharedBy = (pictures: number, count: number): number => {
  for (let devices = count; devices > 1; devices--) if (pictures % devices === 0) return devices
  return 1
}

/** How many devices of each process compute a step; what stays idle among several processes is told. */
export const devicesFor = (
  { devices, batch, division }: Pick<Program, 'devices' | 'division'> & { readonly batch: Pick<BatchShape, 'pictures'> },
  client: Pick<XlaClient, 'processes'>,
  notify: (message: string) => void,
): number => {
  // All processes take as many: what they run is one program.
  const there = Math.min(...client.processes.map(({ length }) => length))
  const { processes, microBatches } = division
  if (processes === 1) return devices === 'auto' ? sharedBy(batch.pictures, there) : devices
  const wanted = devices === 'auto' ? there : Math.min(devices, there)
  const count = sharedBy(microBatches, wanted)
  if (count < wanted)
    notify(
      `each process computes on ${count} of ${wanted} devices, as they take a micro-batch each, of which a process has ${microBatches}; ` +
        `let 'microBatch' of the stage train divide what a process has into ${wanted} or a multiple, or begin a process for each device`,
    )
  return count
}

/** What compiles, and the plugin's file that it comes from. */
export interface XlaHere {
  readonly file: PluginFile
  readonly compiler: Compiler
}

/** The engine on the devices of a client. */
export const engineOf = ({ file, compiler }: XlaHere): Engine => {
  const { client } = compiler
  const { major, minor } = client.plugin.version
  const release = file.version === undefined ? '' : ` ${file.version}`
  return {
    ...ABILITIES,
    ...computerOn(compiler),
    versions: { xla: `${file.name}${release}, PJRT ${major}.${minor}, ${client.platformVersion.split('\n')[0]}` },
    devices: () => devicesOf(client),
    open: async (program, first, collective) => {
      const count = devicesFor(program, client, compiler.notify)
      return (await import('./compiled.js')).compiled(compiler, program, first, { devices: count, collective })
    },
    library: undefined,
    replay: undefined,
  }
}

/** Finds a plugin, loads it and starts its devices. */
export const openCompiler = ({
  tell,
  host = thisHost(),
  device = 'auto',
  devices = 'auto',
  processes: all,
}: EngineOptions): TE.TaskEither<Failure, XlaHere> => {
  const processes = all === undefined || all.size === 1 ? undefined : all
  return pipe(
    TE.Do,
    TE.bind('file', () => chosen(host, device)),
    TE.chainFirst(({ file }) => TE.fromEither(checkProcesses(file, processes))),
    TE.bind('plugin', ({ file }) => TE.fromEither(loadPlugin(file.file))),
    TE.bind('client', ({ file, plugin }) => clientOf(plugin, file, host, devices === 'auto' ? 1 : devices, processes)),
    TE.map(({ file, client }) => ({
      file,
      compiler: {
        client,
        cache: join(host.cache, 'xla', 'programs'),
        notify: (message: string) => tell({ event: 'note', message }),
        processes,
      },
    })),
  )
}

export const openXla = (options: EngineOptions): TE.TaskEither<Failure, Engine> => pipe(openCompiler(options), TE.map(engineOf))
