/** What a logger is: it sends the numbers of a run to a server that keeps those of many. */
import type { Either } from 'fp-ts/Either'
import type { Json } from '../dsl/type'

/** What is measured at a step. */
export interface Point {
  /** Steps done. */
  readonly step: number
  /** When, in milliseconds since 1970. */
  readonly time: number
  /** Finite ones, by the names that they have in metrics.jsonl. */
  readonly numbers: Readonly<Record<string, number>>
}

/** Something that is told once, in words: an alarm. */
export interface Mark {
  readonly step: number
  /** A word: `uniformOutputs`. */
  readonly name: string
  readonly text: string
}

/** How a process that trains a run has ended. */
export interface End {
  /** `stopped`: by a signal, to be gone on with. */
  readonly state: 'finished' | 'failed' | 'stopped'
  /** The process's exit code. */
  readonly exit: number
}

/** A run, as a logger is told of it. */
export interface LoggedRun {
  readonly name: string
  /** Name of the sweep that it belongs to. */
  readonly group: string | undefined
  /** The parameters of each stage, by its name. */
  readonly config: Readonly<Record<string, Json>>
  /** What else should be known of it, by name. */
  readonly facts: Readonly<Record<string, string>>
}

/** Why nothing can be sent, in words that hold no secret. */
export interface Obstacle {
  readonly message: string
  readonly remedy: string
  /**
   * Whether the same may succeed in a while (`later`), never for what was to be sent (`content`: the next may pass), or for nothing at all
   * (`never`).
   */
  readonly again: 'later' | 'content' | 'never'
}

/** What a logger needs of the world. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Breaks off whatever is under way. */
  readonly signal: AbortSignal
}

/** What a logger keeps in the run's folder, to go on with the same run of the server. */
export interface Memory {
  /** What it kept last, undefined at first. */
  readonly known: Json | undefined
  /** Keeps something in its place. */
  readonly keep: (value: Json) => Promise<void>
}

/** A run that a server knows. Whatever is sent twice, as an answer was lost, stands there once. */
export interface Connection {
  /** Where people see it. */
  readonly page: string
  /** Sends points, in the order of their steps; those that the server has already are passed over. */
  readonly send: (points: readonly Point[]) => Promise<Either<Obstacle, void>>
  readonly mark: (mark: Mark) => Promise<Either<Obstacle, void>>
  /** Says that the process goes on, where a server wants to hear that; nothing is new. */
  readonly beat?: () => Promise<Either<Obstacle, void>>
  readonly end: (end: End) => Promise<Either<Obstacle, void>>
}

/** A logger as a pipeline names it: what it is called, and how a run is begun or gone on with on its server. */
export interface Logger {
  /** As people call it: `MLflow`. */
  readonly title: string
  /** Seconds between two times that it sends. */
  readonly every: number
  readonly open: (run: LoggedRun, memory: Memory, surroundings: Surroundings) => Promise<Either<Obstacle, Connection>>
}
