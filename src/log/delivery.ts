/** Sends what a run measures to one logger's server, beside the run: never awaited but at its end, and there for a bounded time. */
import * as E from 'fp-ts/Either'
import { attempt } from '../base/attempt'
import { defect, type Failure } from '../base/failure'
import type { Connection, End, LoggedRun, Logger, Mark, Memory, Obstacle, Point, Surroundings } from './logger'

/** Points that may wait. Beyond them every second one of those that aren't rare is dropped, and every second one that comes: curves lose detail, and no stretch. */
const WAITING = 10_000
/** Points that are sent at once. */
const BATCH = 500
/** After so many failures in a row the user is told; and at its end a run tries no longer. */
const PATIENT = 2
/** Milliseconds between two attempts: doubled each time, and at most the second. */
const [PAUSE, LONGEST] = [1000, 30_000]
/** Milliseconds without a word after which a server hears that the run goes on. */
const BEAT = 30_000
/** Milliseconds that a run waits at its end for all that is still to be sent. */
export const LAST = 5000

/** Where a server has come back, or is slower than the run. */
const FULL = { message: `more waited than ${WAITING} lines`, remedy: 'See why its server is slow.' }
/** Where nothing is wrong with the server. */
const SLOW = { message: `it would take longer than ${LAST / 1000} s`, remedy: 'See why its server is slow.' }

export interface Delivery {
  /** Takes a point; returns at once. `rare` is kept where others are dropped. */
  readonly add: (point: Point, rare?: boolean) => void
  readonly mark: (mark: Mark) => void
  /** Sends what is left, and how the run ended; after `LAST` at the latest it is over. */
  readonly close: (end: End) => Promise<void>
}

export interface DeliveryOptions {
  readonly logger: Logger
  readonly run: LoggedRun
  readonly memory: Memory
  readonly surroundings: Omit<Surroundings, 'signal'>
  /** Hears in words what comes of it. */
  readonly notify: (message: string) => void
}

interface Waiting extends Point {
  readonly rare: boolean
  /** Its place among all points of this process, from 1. */
  readonly number: number
}

/** What a mistake of ours comes to. */
const broken = (error: unknown): Obstacle => {
  const failure: Failure = defect(error)
  return 'message' in failure
    ? { message: failure.message, remedy: failure.remedy, again: 'later' }
    : { message: `it can't be logged (${String(error)})`, remedy: 'This is a mistake of ibot: please report it.', again: 'never' }
}

const guarded = async <A>(work: () => Promise<E.Either<Obstacle, A>>): Promise<E.Either<Obstacle, A>> => {
  try {
    return await work()
  } catch (error) {
    return E.left(broken(error))
  }
}

/** A pause that can be ended early. */
const sleeper = () => {
  let wake = (): void => undefined
  return {
    wake: (): void => wake(),
    sleep: (milliseconds: number): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
  }
}

/** Where points are halved, between two steps; 0 where they are of one. */
const halfOf = (points: readonly Point[]): number => {
  const { step } = points[Math.floor(points.length / 2)]!
  const first = points.findIndex((point) => point.step === step)
  return first > 0
    ? first
    : Math.max(
        0,
        points.findIndex((point) => point.step !== step),
      )
}

/** What came of trying to send something: it is there, it never will be, or nothing ever will. */
type Tried<A> = { readonly done: A } | 'refused' | 'over'

/** Begins to log a run: opens its server meanwhile, and sends what comes to it. */
export const deliver = ({ logger, run, memory, surroundings, notify: hear }: DeliveryOptions): Delivery => {
  const { title } = logger
  /** Whoever hears may throw: nothing of that is the run's. */
  const notify = (message: string): void => void attempt(() => hear(message))
  const stop = new AbortController()
  const pause = sleeper()
  const points: Waiting[] = []
  const marks: Mark[] = []
  let [total, sent, failures] = [0, 0, 0]
  let [told, over, isOpen, isEnded, isThinned] = [false, false, false, false, false]
  /** Of points that aren't rare, those with a multiple of it are kept: evenly spread, also where it has grown. */
  let stride = 1
  const isKept = ({ rare, number }: Waiting): boolean => rare || number % stride === 0
  let ending: End | undefined
  let reason: Obstacle | undefined

  const tellOnce = (what: string, { message, remedy }: Obstacle): void => {
    if (!told) notify(`${what}: ${message}. ${remedy}`)
    told = true
  }

  const persist = async <A>(work: () => Promise<E.Either<Obstacle, A>>): Promise<Tried<A>> => {
    for (;;) {
      const result = await guarded(work)
      if (E.isRight(result)) {
        failures = 0
        // What is still missing in the end isn't so for what was wrong before, unless that was refused.
        if (reason?.again === 'later') reason = undefined
        return { done: result.right }
      }
      // Broken off at the end of the run: what was wrong before says more.
      if (stop.signal.aborted) {
        reason ??= result.left
        return 'over'
      }
      reason = result.left
      if (reason.again === 'content' && isOpen) {
        tellOnce(`${title} doesn't take some of what is logged`, reason)
        return 'refused'
      }
      if (reason.again !== 'later') {
        tellOnce(isOpen ? `nothing more is logged to ${title}` : `this run isn't logged to ${title}`, reason)
        return 'over'
      }
      failures++
      if (failures >= PATIENT) {
        if (ending !== undefined) return 'over'
        tellOnce(`nothing reaches ${title}; the run goes on, and what is to be logged waits`, reason)
      }
      await pause.sleep(Math.min(LONGEST, PAUSE * 2 ** (failures - 1)))
    }
  }

  /** Points of steps that are told of in full, or all where no more will come. */
  const batch = (): readonly Waiting[] => {
    const newest = points.at(-1)?.step
    const known = ending === undefined ? points.findIndex(({ step }) => step === newest) : points.length
    if (known <= BATCH) return points.splice(0, Math.max(0, known))
    const { step } = points[BATCH]!
    // A step isn't divided, however many probes there are at it.
    const first = points.findIndex((point) => point.step === step)
    return points.splice(0, first > 0 ? first : known)
  }

  /** Sends points; where the server doesn't take all of them, the steps that it does. False where there is no use in going on. */
  const sendAll = async (connection: Connection, some: readonly Waiting[]): Promise<boolean> => {
    const result = await persist(() => connection.send(some))
    if (result === 'over') return false
    if (result !== 'refused') {
      sent += some.length
      return true
    }
    const half = halfOf(some)
    return half === 0 || ((await sendAll(connection, some.slice(0, half))) && sendAll(connection, some.slice(half)))
  }

  /** Sends all that can be sent; false where there is no use in going on. */
  const flush = async (connection: Connection): Promise<boolean> => {
    for (let some = batch(); some.length > 0; some = batch()) if (!(await sendAll(connection, some))) return false
    while (marks.length > 0) {
      if ((await persist(() => connection.mark(marks[0]!))) === 'over') return false
      marks.shift()
    }
    return true
  }

  const work = async (): Promise<void> => {
    const opened = await persist(() => logger.open(run, memory, { ...surroundings, signal: stop.signal }))
    if (opened === 'over' || opened === 'refused') return
    const connection = opened.done
    isOpen = true
    notify(`logged to ${title}: ${connection.page}`)
    let heard = Date.now()
    while (ending === undefined) {
      await pause.sleep(1000 * logger.every)
      const before = sent
      if (!(await flush(connection))) return
      if (sent > before) heard = Date.now()
      else if (connection.beat !== undefined && Date.now() - heard > BEAT) {
        if ((await persist(connection.beat)) === 'over') return
        heard = Date.now()
      }
    }
    if (!(await flush(connection))) return
    const end = ending
    isEnded = (await persist(() => connection.end(end))) !== 'over'
  }

  const working = work().finally(() => {
    over = true
    points.length = 0
  })

  /** Says what isn't there. */
  const account = (): void => {
    const { message, remedy } = reason ?? (isThinned ? FULL : SLOW)
    const why = `${message}.${told ? '' : ` ${remedy}`}`
    if (sent < total) {
      const missing = sent === 0 ? 'nothing of this run was' : `of ${total} lines of this run's metrics ${total - sent} weren't`
      notify(`${missing} sent to ${title}: ${why} metrics.jsonl has them all.`)
    } else if (!isEnded) notify(`${title} hasn't heard that the run has ended: ${why}`)
  }

  return {
    add: (point, rare = false) => {
      total++
      if (over) return
      if (points.length === 0) stride = 1
      const one = { ...point, rare, number: total }
      if (isKept(one)) points.push(one)
      if (points.length <= WAITING) return
      stride *= 2
      isThinned = true
      points.splice(0, points.length, ...points.filter(isKept))
    },
    mark: (mark) => {
      if (!over) marks.push(mark)
    },
    close: async (end) => {
      ending = end
      pause.wake()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST)
      })
      await Promise.race([working, late])
      clearTimeout(timer)
      stop.abort()
      account()
    },
  }
}
