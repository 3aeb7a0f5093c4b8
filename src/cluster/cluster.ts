/** The members of a run that have met, as one of them sees it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing, stoppedBy } from '../base/failure'
import { newQueue } from '../base/inOrder'
import { MOST_BYTES } from './messages'
import type { PostData, Told } from './options'
import { bytesOf, END, pointOf } from './points'
import type { StartPost } from './posts'
import type { Phase } from './watch'

export interface Cluster {
  /** Counted from 0; member 0 leads. */
  readonly rank: number
  readonly size: number
  /** What messages call the members, in the order of their ranks: `member 1 (host, pid 12)`. */
  readonly members: readonly string[]
  /**
   * Everyone's values of one point, in the order of ranks, once all have given theirs: the barrier before a step, of which a
   * number is that step's. Values are what JSON can hold. Each member must come to the same points in the same order.
   */
  readonly agree: <A>(point: number | string, mine: A) => TE.TaskEither<Failure, readonly A[]>
  /** Everyone's bytes (64 MiB at most), in the order of ranks, for all or for member 0 alone: others get empty ones then. */
  readonly gather: (name: string, bytes: Uint8Array, to?: 'all' | 'first') => TE.TaskEither<Failure, readonly Uint8Array[]>
  /** Says what this member does now: for messages, and for how long others wait for it. */
  readonly phase: (phase: Phase) => void
  /** Comes once, with the same for everyone, when a member is lost or fails. Never, if all leave. */
  readonly failed: Promise<Failure>
  /** Tells everyone that this member can't go on, and why; gives what all are told, when they are told. */
  readonly fail: (message: string) => T.Task<Failure>
  /** Leaves together with all others, who wait for each other; afterwards nobody is missed. */
  readonly leave: TE.TaskEither<Failure, void>
}

type Answer = E.Either<Failure, readonly Uint8Array[]>

const LEFT = missing('the members have left each other already', 'Report this: nothing is to be agreed on any more.')
const stopped = (signal: AbortSignal): Failure => stoppedBy(signal, 'the members had not met', 'Start all members again.')

const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value) ?? 'null')
const parsed = <A>(bodies: readonly Uint8Array[]): E.Either<Failure, readonly A[]> =>
  E.tryCatch(() => bodies.map((body): A => JSON.parse(new TextDecoder().decode(body))), defect)

/** Starts a post and waits until it says that all are together. */
export const openCluster = (
  data: PostData,
  start: StartPost,
  note: (text: string) => void,
  signal?: AbortSignal,
): Promise<E.Either<Failure, Cluster>> =>
  new Promise((joined) => {
    let end: Failure | undefined
    let answer: ((answer: Answer) => void) | undefined
    let [ends, fails]: readonly ((failure: Failure) => void)[] = []
    const over = new Promise<Failure>((resolve) => {
      ends = resolve
    })
    const failed = new Promise<Failure>((resolve) => {
      fails = resolve
    })
    const queue = newQueue()

    const answered = (result: Answer): void => {
      post.hold(false)
      answer?.(result)
      answer = undefined
    }
    /** The first end counts. Everything is closed before anybody hears of it. */
    const finish = async (why: Failure): Promise<void> => {
      if (end !== undefined) return
      end = why
      signal?.removeEventListener('abort', quit)
      await post.close()
      ends?.(end)
      if (end !== LEFT) fails?.(end)
      answered(end === LEFT ? E.right([]) : E.left(end))
      joined(E.left(end))
    }
    const quit = (): void => {
      post.ask({ kind: 'quit' })
      if (signal !== undefined) void finish(stopped(signal))
    }

    const hear = (told: Told): void => {
      if (told.kind === 'note') note(told.text)
      else if (told.kind === 'all') answered(E.right(told.bodies))
      else if (told.kind === 'left') void finish(LEFT)
      else if (told.kind === 'failed') void finish(missing(told.message, told.remedy))
      else {
        signal?.removeEventListener('abort', quit)
        post.hold(false)
        joined(E.right(cluster(told.names)))
      }
    }
    const post = start(data, hear, (error) => void finish(defect(error)))
    signal?.addEventListener('abort', quit)
    if (signal?.aborted === true) quit()

    /** One point at a time: the next is asked for when the one before has been answered. */
    const come = (point: string, bytes: Uint8Array, first = false): TE.TaskEither<Failure, readonly Uint8Array[]> => {
      // A view of a larger memory would be sent with all of that.
      const body = new Uint8Array(bytes)
      return () =>
        queue(
          () =>
            new Promise<Answer>((resolve) => {
              if (end !== undefined) {
                resolve(E.left(end))
                return
              }
              answer = resolve
              post.hold(true)
              post.ask({ kind: 'come', point, body, first })
            }),
        )
    }

    const cluster = (members: readonly string[]): Cluster => ({
      ...{ rank: data.card.rank, size: data.card.size, members, failed },
      agree: <A>(point: number | string, mine: A) => pipe(come(pointOf(point), jsonBytes(mine)), TE.chainEitherK(parsed<A>)),
      gather: (name, bytes, to = 'all') =>
        bytes.length > MOST_BYTES
          ? TE.left(defect(new Error(`${name}: ${bytes.length} bytes are more than members tell each other`)))
          : come(bytesOf(name), bytes, to === 'first'),
      phase: (phase) => {
        if (end === undefined) post.ask({ kind: 'phase', phase })
      },
      fail: (message) => async () => {
        if (end !== undefined) return end
        post.hold(true)
        post.ask({ kind: 'fail', message })
        return over
      },
      leave: pipe(
        come(END, new Uint8Array()),
        TE.map(() => undefined),
      ),
    })
  })
