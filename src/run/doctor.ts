/** What would compute here, how fast pictures come, what there is room for, and what is wrong and how to mend it. */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as E from 'fp-ts/Either'
import type { Task } from 'fp-ts/Task'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { version } from '../base/version'
import { type Complaint, complaintOf } from '../engine/complaint'
import type { EngineKind, Examined, LibraryFacts, Machine } from '../engine/engine'
import { candidates } from '../engine/openEngine'
import { decodeSpeed } from '../io/decodeSpeed'
import { type GraphicsCards, graphicsCards } from '../io/graphicsCards'
import { type Cpu, cpu, type Memory, memory } from '../io/machine'
import { thisHost } from '../tensorflow/library/host'
import type { Library } from '../tensorflow/library/library'
import { examinePlugins, type PluginFacts, type ProbePlugin } from '../xla/plugin/examine'
import type { Plugin } from '../xla/plugin/plugin'

export interface FoundPlugin extends Plugin {
  readonly fault: Complaint | null
  readonly facts: PluginFacts | null
}

export interface Diagnosis {
  readonly ibot: string
  readonly node: string
  readonly platform: string
  readonly arch: string
  /** What would compute, by name; nothing where nothing can. */
  readonly engine: string | null
  readonly why: string
  /** The library that the first engine with one calls. */
  readonly library: Library | null
  /** What libraries say of themselves, by the names of the engines that call them; nothing of one that doesn't load. */
  readonly facts: Readonly<Record<string, LibraryFacts | null>>
  /** XLA's plugins, what each says of itself where it was loaded, and whether something keeps it from computing. */
  readonly plugins: readonly FoundPlugin[]
  readonly cpu: Cpu
  /** Graphics cards that NVIDIA's driver knows, whether they are used or not. */
  readonly gpus: readonly string[]
  readonly drivers: GraphicsCards['drivers']
  readonly memory: Memory
  readonly cache: { readonly folder: string; readonly free: number | null }
  /** Photographs decoded a second, by one caller; nothing where none can be. */
  readonly imagesPerSecond: number | null
  readonly problems: readonly Complaint[]
}

/** What is looked at; tests look at something else. */
export interface Sights extends Omit<Machine, 'features'> {
  /** Each that could compute, the preferred first. */
  readonly engines: readonly EngineKind[]
  readonly decodeSpeed: TaskEither<Failure, number>
  /** Loads XLA's plugins; where there is none, they are only looked for. */
  readonly probePlugin: ProbePlugin | undefined
  readonly cpu: Cpu
  readonly memory: Memory
  readonly nodeVersion: string
}

/** The folder need not be there: what counts is the first above it that is. */
const freeAt = async (folder: string): Promise<number | undefined> => {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    const above = dirname(folder)
    return above === folder ? undefined : freeAt(above)
  }
}

const thisMachine = (): Sights => ({
  engines: candidates(),
  host: thisHost(),
  decodeSpeed,
  cpu: cpu(),
  memory: memory(),
  ...graphicsCards(),
  probePlugin: async (plugin) => (await import('../engine/xla/probe.js')).probePlugin(plugin),
  nodeVersion: process.version,
  free: freeAt,
})

/** What was found of all engines up to the one that would compute. */
interface Findings {
  readonly engine: EngineKind | undefined
  readonly examined: readonly (readonly [EngineKind, Examined])[]
}

const examineEngines = async ({ engines, cpu, ...machine }: Sights): Promise<Findings> => {
  const examined: (readonly [EngineKind, Examined])[] = []
  for (const engine of engines) {
    const found = await engine.examine({ ...machine, features: cpu.features })
    examined.push([engine, found])
    if (found.verdict === 'stop') return { engine: undefined, examined }
    if (found.verdict === 'computes') return { engine, examined }
  }
  return { engine: undefined, examined }
}

/** Why what computes does: it can, or what is preferred can't. */
const whyOf = ({ engine, examined }: Findings): string => {
  const reasons = examined.map(([, { why }]) => why)
  return engine === undefined ? reasons.join(', and ') : reasons[0]!
}

const NOTHING: Complaint = { message: 'no engine is installed', remedy: 'Install ibot again: npm ci' }

const complaintsOf = ({ engine, examined }: Findings): readonly Complaint[] => [
  ...examined.flatMap(([, { complaints }]) => complaints),
  ...(engine === undefined && examined.every(([, { verdict }]) => verdict === 'lacking') ? [NOTHING] : []),
]

const factsOf = ({ examined }: Findings): Diagnosis['facts'] =>
  Object.fromEntries(examined.flatMap(([{ name }, { facts }]) => (facts === undefined ? [] : [[name, facts]])))

const OLDEST_NODE = 20

const oldNode = ({ nodeVersion }: Sights): readonly Complaint[] =>
  Number(/^v(\d+)/.exec(nodeVersion)?.[1]) >= OLDEST_NODE
    ? []
    : [{ message: `Node ${nodeVersion} is too old`, remedy: `Install Node ${OLDEST_NODE} or newer.` }]

/** Looks at everything. It takes a second or two, as it decodes pictures and loads the library. */
export const diagnose =
  (given: Partial<Sights> = {}): Task<Diagnosis> =>
  async () => {
    const sights: Sights = { ...thisMachine(), ...given }
    const findings = await examineEngines(sights)
    const xla = await examinePlugins(sights, { probe: sights.probePlugin })
    const speed = await sights.decodeSpeed()
    const free = await sights.free(sights.host.cache)
    return {
      ibot: version,
      node: sights.nodeVersion,
      platform: sights.host.platform,
      arch: sights.host.arch,
      engine: findings.engine?.name ?? null,
      why: whyOf(findings),
      library: findings.examined.flatMap(([, { library }]) => library ?? [])[0] ?? null,
      facts: factsOf(findings),
      plugins: xla.plugins.map(({ plugin, fault, facts }) => ({
        ...plugin,
        ...{ fault: fault === undefined ? null : complaintOf(fault), facts: facts ?? null },
      })),
      cpu: sights.cpu,
      gpus: sights.gpus,
      drivers: sights.drivers,
      memory: sights.memory,
      cache: { folder: sights.host.cache, free: free ?? null },
      imagesPerSecond: E.isRight(speed) ? speed.right : null,
      problems: [
        ...complaintsOf(findings),
        ...xla.problems.map(complaintOf),
        ...(E.isLeft(speed) ? [complaintOf(speed.left)] : []),
        ...oldNode(sights),
      ],
    }
  }

/** Whether all is well: what computes is what should, and nothing is to be mended. */
export const isWell = ({ engine, problems }: Diagnosis): boolean => engine !== null && problems.length === 0
