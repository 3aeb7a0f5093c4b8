/** What would compute here, how fast pictures come, what there is room for, and what is wrong and how to mend it. */
import { statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import type { Task } from 'fp-ts/Task'
import type { TaskEither } from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { version } from '../base/version'
import { type LibraryFacts, type ProbeLibrary, probeLibrary } from '../engine/libraryFacts'
import { checkProcessor } from '../engine/processor'
import { decodeSpeed } from '../io/decodeSpeed'
import { type Cpu, cpu, type Memory, memory, nvidiaGpus } from '../io/machine'
import { findLibrary } from '../tensorflow/library/find'
import { type Host, thisHost } from '../tensorflow/library/host'
import type { Library } from '../tensorflow/library/library'
import { neededBytes, wheelsFor } from '../tensorflow/library/wheels'

export type Engine = 'tensorflow' | 'wasm' | 'cpu'

/** Something wrong or lacking, and what mends it. */
export interface Complaint {
  readonly message: string
  readonly remedy: string
}

export interface Diagnosis {
  readonly ibot: string
  readonly node: string
  readonly platform: string
  readonly arch: string
  /** What would compute; nothing where nothing can. */
  readonly engine: Engine | null
  readonly why: string
  readonly library: Library | null
  readonly tensorflow: LibraryFacts | null
  readonly cpu: Cpu
  /** Graphics cards that NVIDIA's driver knows, whether they are used or not. */
  readonly gpus: readonly string[]
  readonly memory: Memory
  readonly cache: { readonly folder: string; readonly free: number | null }
  /** Photographs decoded a second, by one caller; nothing where none can be. */
  readonly imagesPerSecond: number | null
  readonly problems: readonly Complaint[]
}

/** What is looked at; tests look at something else. */
export interface Sights {
  readonly host: Host
  readonly probe: ProbeLibrary
  readonly decodeSpeed: TaskEither<Failure, number>
  readonly cpu: Cpu
  readonly memory: Memory
  readonly gpus: readonly string[]
  readonly nodeVersion: string
  /** Which of tfjs's backends are installed. */
  readonly backends: readonly ('wasm' | 'cpu')[]
  /** Free bytes of the disk with this folder; nothing where that can't be told. */
  readonly free: (folder: string) => Promise<number | undefined>
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

const installed = (): Sights['backends'] =>
  (['wasm', 'cpu'] as const).filter((name) => {
    try {
      createRequire(join(__dirname, 'doctor.js')).resolve(`@tensorflow/tfjs-backend-${name}`)
      return name === 'cpu' || 'WebAssembly' in globalThis
    } catch {
      return false
    }
  })

const thisMachine = (): Sights => ({
  host: thisHost(),
  probe: probeLibrary,
  decodeSpeed,
  cpu: cpu(),
  memory: memory(),
  gpus: nvidiaGpus(),
  nodeVersion: process.version,
  backends: installed(),
  free: freeAt,
})

/** A complaint for every kind of failure: here nothing ends because of one. */
const complaintOf = (failure: Failure): Complaint =>
  'remedy' in failure
    ? { message: failure.message, remedy: failure.remedy }
    : {
        message: failure._tag === 'Defect' ? String(failure.error) : 'it is refused',
        remedy: 'Please report it, with this output.',
      }

interface Findings {
  readonly engine: Engine | null
  readonly why: string
  readonly library?: Library
  readonly tensorflow?: LibraryFacts
  readonly complaints: readonly Complaint[]
}

/** What computes where TensorFlow doesn't. */
const without = ({ backends }: Sights, reason: string, complaints: readonly Complaint[], library?: Library): Findings => {
  const [engine] = backends
  const found = library === undefined ? {} : { library }
  if (engine !== undefined) return { engine, why: reason, complaints, ...found }
  return {
    engine: null,
    why: `${reason}, and no backend of tfjs is installed`,
    complaints: [...complaints, { message: 'nothing that computes is installed', remedy: 'Install ibot anew: npm ci' }],
    ...found,
  }
}

const notThere = ({ host }: Sights): Complaint =>
  pipe(
    wheelsFor(host, 'cpu'),
    E.match(complaintOf, () => ({
      message: "TensorFlow's library isn't there, and without it a run uses one core and no GPU",
      remedy: 'ibot setup',
    })),
  )

const examine = async (sights: Sights): Promise<Findings> => {
  const found = await findLibrary(sights.host)()
  if (E.isLeft(found))
    return { engine: null, why: 'IBOT_TENSORFLOW names no library, so a run stops', complaints: [complaintOf(found.left)] }
  if (O.isNone(found.right)) return without(sights, "TensorFlow's library isn't there", [notThere(sights)])
  const library = found.right.value
  const able = checkProcessor(sights.host.arch, sights.cpu.features)
  if (E.isLeft(able)) return without(sights, 'this processor cannot run TensorFlow', [complaintOf(able.left)], library)
  const probed = await sights.probe(library)()
  if (E.isLeft(probed)) return without(sights, "TensorFlow's library does not work", [complaintOf(probed.left)], library)
  return { engine: 'tensorflow', why: 'its library is there and works', library, tensorflow: probed.right, complaints: [] }
}

const unusedGpu = ({ gpus }: Sights, { library, tensorflow }: Findings): readonly Complaint[] => {
  if (gpus.length === 0 || tensorflow === undefined || tensorflow.devices.some(({ type }) => type === 'GPU')) return []
  const message = `there is ${gpus[0]}, but TensorFlow doesn't see it`
  const remedy =
    library?.build === 'gpu'
      ? 'Look whether the driver works and is new enough: nvidia-smi'
      : 'Fetch the library for GPUs: ibot setup --gpu'
  return [{ message, remedy }]
}

const OLDEST_NODE = 20

const oldNode = ({ nodeVersion }: Sights): readonly Complaint[] =>
  Number(/^v(\d+)/.exec(nodeVersion)?.[1]) >= OLDEST_NODE
    ? []
    : [{ message: `Node ${nodeVersion} is too old`, remedy: `Install Node ${OLDEST_NODE} or newer.` }]

const fullDisk = ({ host }: Sights, { library }: Findings, free: number | undefined): readonly Complaint[] => {
  const set = wheelsFor(host, 'cpu')
  if (library !== undefined || E.isLeft(set) || free === undefined || free >= neededBytes(set.right)) return []
  return [
    {
      message: `the disk of ${host.cache} is too full for TensorFlow's library, which needs ${(neededBytes(set.right) / 2 ** 30).toFixed(1)} GB`,
      remedy: 'Free some space, or set IBOT_CACHE to a folder on another disk.',
    },
  ]
}

/** Looks at everything. It takes a second or two, as it decodes pictures and loads the library. */
export const diagnose =
  (given: Partial<Sights> = {}): Task<Diagnosis> =>
  async () => {
    const sights: Sights = { ...thisMachine(), ...given }
    const findings = await examine(sights)
    const speed = await sights.decodeSpeed()
    const free = await sights.free(sights.host.cache)
    return {
      ibot: version,
      node: sights.nodeVersion,
      platform: sights.host.platform,
      arch: sights.host.arch,
      engine: findings.engine,
      why: findings.why,
      library: findings.library ?? null,
      tensorflow: findings.tensorflow ?? null,
      cpu: sights.cpu,
      gpus: sights.gpus,
      memory: sights.memory,
      cache: { folder: sights.host.cache, free: free ?? null },
      imagesPerSecond: E.isRight(speed) ? speed.right : null,
      problems: [
        ...findings.complaints,
        ...unusedGpu(sights, findings),
        ...fullDisk(sights, findings, free),
        ...(E.isLeft(speed) ? [complaintOf(speed.left)] : []),
        ...oldNode(sights),
      ],
    }
  }

/** A failure where nothing can run, for the exit code. */
export const verdict = ({ engine, why }: Diagnosis): E.Either<Failure, void> =>
  engine === null ? E.left(missing(`nothing can run here: ${why}`, 'See the problems above.')) : E.right(undefined)
