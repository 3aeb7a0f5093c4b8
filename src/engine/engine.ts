/** What an engine is: a value that says what it can do, and does it. Nothing here loads one. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { GraphicsCards } from '../io/graphicsCards'
import type { Training } from '../ops/slots'
import type { Program } from '../program/program'
import type { TensorFlow } from '../tensorflow/capi'
import type { Host } from '../tensorflow/library/host'
import type { Library } from '../tensorflow/library/library'
import type { Tell } from '../wheels/events'
import type { Collective, Processes } from './collective'
import type { Complaint } from './complaint'
import type { Computer } from './computer'
import type { Replayed, Step } from './eager/replay'
import type { Interpreter, InterpreterState } from './interpreter'

/** What can be told of an engine before it is loaded. */
export interface Abilities<Name extends string = string> {
  /** The choice of `--backend` that asks for it. */
  readonly name: Name
  /** What sentences call it. */
  readonly title: string
  /** In what it computes products of matrices. */
  readonly precisions: readonly Training['precision'][]
  /** How to have it use a GPU that it doesn't find; undefined where it computes on the processor alone. */
  readonly gpuRemedy: string | undefined
  /** Bytes that it can address; undefined where only the machine's memory bounds it. */
  readonly addressable: number | undefined
  /** Whether it compiles a step before it runs the first one, which takes seconds. */
  readonly compiles: boolean
  /** Whether several processes may compute a step together. */
  readonly exchanges: boolean
  /** The engine that has the ops which this one lacks, by name. */
  readonly elsewhere: string | undefined
}

export interface Device {
  readonly name: string
  /** CPU, GPU, … */
  readonly type: string
  /** Bytes; 0 where it isn't known. */
  readonly memory: number
  /** Bytes of it that were in use at most, so far; undefined where that isn't told. */
  readonly peak?: number | undefined
}

/** An engine that is ready to compute. */
export interface Engine extends Abilities, Computer {
  /** Of what it computes with, by name, as run.json keeps them. */
  readonly versions: Readonly<Record<string, string>>
  /** What it can compute on. To list the devices starts them. */
  readonly devices: () => readonly Device[]
  /** An interpreter of a program from a first state on; of one that is divided among processes, with what these exchange by. */
  readonly open: (program: Program, first: InterpreterState, collective?: Collective) => Promise<Interpreter>
  /** TensorFlow's library, of the engine that computes with it: by it speed is measured and an exported SavedModel checked. */
  readonly library: TensorFlow | undefined
  /** Runs a step op by op and looks at each; `TooLong` is thrown after so many seconds. Undefined where steps run as a whole. */
  readonly replay: ((program: Program, step: Step, seconds: number) => Replayed) | undefined
}

export interface LibraryEngine extends Engine {
  readonly library: TensorFlow
}
export interface ReplayingEngine extends Engine {
  readonly replay: NonNullable<Engine['replay']>
}

export interface EngineOptions {
  /** Whether a library that isn't there may be fetched; true by default. */
  readonly download?: boolean | undefined
  readonly tell: Tell
  readonly signal: AbortSignal | undefined
  /** On what is computed, as the pipeline asks; `auto` by default. */
  readonly device?: Training['device']
  /** How many devices of a machine compute together, where an engine must know that when it starts; `auto` by default. */
  readonly devices?: Training['devices']
  /** Those that compute with this one, for an engine whose devices exchange values by themselves; by default none. */
  readonly processes?: Processes | undefined
  /** Threads that compute; 0, the default, for one a core. */
  readonly threads?: number
  /** The machine, and what its processor can; by default this one's. */
  readonly host?: Host
  readonly features?: readonly string[]
}

/** What a library says of itself, once it is loaded. */
export interface LibraryFacts {
  readonly version: string
  readonly devices: readonly Device[]
}

/** What is looked at to tell whether an engine would compute here. */
export interface Machine {
  readonly host: Host
  /** The processor's, where they are known. */
  readonly features: readonly string[] | undefined
  /** Graphics cards that NVIDIA's driver knows. */
  readonly gpus: readonly string[]
  readonly drivers: GraphicsCards['drivers']
  /** Free bytes of the disk with this folder; undefined where that can't be told. */
  readonly free: (folder: string) => Promise<number | undefined>
}

/** Whether an engine would compute here. */
export interface Examined {
  /** `stop`: nothing would, as the user's settings ask for this one and it isn't there. */
  readonly verdict: 'computes' | 'lacking' | 'stop'
  readonly why: string
  readonly complaints: readonly Complaint[]
  /** The library that it calls, where it calls one and it was found, and what that says. */
  readonly library?: Library | null
  readonly facts?: LibraryFacts | null
}

/** What ended a computation through no fault of the pipeline or of ours. */
export interface Breakage {
  /** Memory that isn't enough, or a device that broke off. */
  readonly what: 'memory' | 'device'
  /** What the engine says of it, in one line. */
  readonly cause: string
}

/** An engine before it is loaded. What loads it is itself loaded only when that is asked for: commands start quickly. */
export interface EngineKind<Name extends string = string> extends Abilities<Name> {
  /** `WebAssembly, on one core` */
  readonly summary: string
  /**
   * How much slower it is, in words, where it computes in place of an engine that can't be had; undefined where it computes
   * only if it is preferred or asked for.
   */
  readonly standIn: string | undefined
  /** Whether it is the one to try first where none is asked for. */
  readonly isPreferred: (options: Pick<EngineOptions, 'device'>) => boolean
  readonly open: (options: EngineOptions) => TE.TaskEither<Failure, Engine>
  /** Opens TensorFlow's library; `here` fetches nothing. Undefined where the engine has none. */
  readonly library:
    | {
        readonly open: (options: EngineOptions) => TE.TaskEither<Failure, LibraryEngine>
        readonly here: TE.TaskEither<Failure, LibraryEngine>
      }
    | undefined
  /** Opens it to replay steps. Undefined where it can't. */
  readonly replayer: ((options: EngineOptions) => TE.TaskEither<Failure, ReplayingEngine>) | undefined
  /** What the user's settings say of it must be there, whether it is asked for or not. */
  readonly checkSettings: (host: Host) => TE.TaskEither<Failure, void>
  readonly examine: (machine: Machine) => Promise<Examined>
  /** What an error of the engine's says that isn't a mistake of anybody's; undefined for other errors. */
  readonly breakageOf: (error: Error) => Breakage | undefined
}
