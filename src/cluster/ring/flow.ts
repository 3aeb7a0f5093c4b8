/**
 * The reductions of a member, as bytes that come from the previous member and go to the next. Knows no sockets.
 *
 * What comes is received where it belongs: a chunk of sums beside the values that it is summed with, a finished chunk in its place.
 * Several reductions may be asked for: what is sent of the next begins when all of the one before is on its way.
 */

import type { Reduction } from '../../base/reduction'
import { type Breach, decodeNote, encodeNote, LONGEST_NOTE, RingBroken } from './broken'
import { beginsRequest, decodeHeader, disagreement, encodeNoteHeader, encodeRequest, HEADER_BYTES, type Request } from './header'
import { type Arrival, arrivals, departures, lastStep, nextOf, originOf, previousOf, type Seat, sumSteps } from './plan'
import { newSum } from './sum'

/** Values that are received and sent on at a time. */
export const CHUNK = 131072
/** Writes that are under way at once: one that the system works at, and the one after. */
const WRITES = 2
/** How long a member whose neighbour is gone waits to be told why, in milliseconds. */
const GRACE = 250

/** What receives bytes. */
export interface Receiver {
  /** Where the next bytes are to be put: room for at least one. */
  readonly target: () => Uint8Array
  /** So many were put there. False: no more for now. */
  readonly took: (count: number) => boolean
}

/** The way from the previous member. Notes go back on it. */
export interface Inlet {
  readonly resume: () => void
  /** Closes it, after a last note or at once. */
  readonly end: (note?: Uint8Array) => void
}

/** The way to the next member. */
export interface Outlet {
  /** Sends parts that follow each other; `written` is called when they may be changed again. */
  readonly write: (parts: readonly Uint8Array[], written: () => void) => void
  readonly end: (last?: Uint8Array) => void
}

export interface Flow extends Receiver {
  readonly reduce: (values: Float32Array, reduction: Reduction) => Promise<void>
  readonly waiting: () => { readonly rank: number; readonly seconds: number } | undefined
  readonly close: () => void
  readonly receiveFrom: (inlet: Inlet) => void
  readonly sendTo: (outlet: Outlet) => void
  /** What a neighbour says, or what is wrong with it: nothing more can be reduced. */
  readonly fail: (breach: Breach) => void
  /** A way is closed by the other end. That breaks what isn't done, and what is asked for afterwards. */
  readonly lost: (side: 'previous' | 'next', why: string) => void
}

/** A reduction that was asked for and isn't done. */
interface Asked {
  readonly values: Float32Array
  readonly request: Request
  readonly plan: Iterator<Arrival, void>
  readonly done: (broken?: RingBroken) => void
  /** What comes next; undefined once all has come. */
  next: Arrival | undefined
  /** Whether its header has come. */
  met: boolean
  /** Whether all that is to be sent of it was given to the outlet. */
  sent: boolean
  /** Parts that the outlet wasn't done with. */
  unwritten: number
}

const FLOAT = 4
const bytesOf = (values: Float32Array, from: number, to: number): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset + FLOAT * from, FLOAT * (to - from))

/** `broke` is called once, when a breach is known. */
export const newFlow = (seat: Seat, broke: (breach: Breach) => void, chunk = CHUNK): Flow => {
  const [previous, next, last] = [previousOf(seat), nextOf(seat), lastStep(seat)]
  const sum = newSum(chunk)
  const header = Buffer.alloc(HEADER_BYTES)
  const discard = new Uint8Array(65_536)

  /** Reductions of which something is to come yet, the first `begun` of which are being sent. */
  const coming: Asked[] = []
  let begun = 0
  /** Those, and all that aren't wholly written. */
  const open = new Set<Asked>()
  let sequence = 0
  let since = 0
  let [inlet, outlet]: [Inlet | undefined, Outlet | undefined] = [undefined, undefined]
  let paused = false
  /** What ended it; `gone` may become that. */
  let [broken, gone]: [Breach | undefined, Breach | undefined] = [undefined, undefined]
  let grace: NodeJS.Timeout | undefined

  const moved = (): void => {
    since = performance.now()
  }

  const queue: { readonly asked: Asked; readonly parts: readonly Uint8Array[] }[] = []
  let writes = 0
  const pump = (): void => {
    while (outlet !== undefined && writes < WRITES && queue.length > 0) {
      const { asked, parts } = queue.shift()!
      writes++
      outlet.write(parts, () => {
        writes--
        asked.unwritten--
        moved()
        settle(asked)
        pump()
      })
    }
  }
  const send = (asked: Asked, parts: readonly Uint8Array[]): void => {
    asked.unwritten++
    queue.push({ asked, parts })
    pump()
  }
  const settle = (asked: Asked): void => {
    if (!asked.met || asked.next !== undefined || asked.unwritten > 0) return
    open.delete(asked)
    asked.done()
  }

  /** Goes on to what comes next of a reduction. */
  const step = (asked: Asked): void => {
    asked.next = asked.plan.next().value ?? undefined
    // What comes in the last step is sent to nobody.
    asked.sent = asked.next === undefined || asked.next.step === last
  }
  const begin = (asked: Asked): void => {
    const { values, request } = asked
    const [head, ...rest] = departures(seat, values.length, chunk).map(([from, to]) => bytesOf(values, from, to))
    send(asked, [encodeRequest(request), ...(head === undefined ? [] : [head])])
    for (const part of rest) send(asked, [part])
    step(asked)
  }
  const beginNext = (): void => {
    while (begun < coming.length && (begun === 0 || coming[begun - 1]!.sent)) begin(coming[begun++]!)
  }

  let [target, at]: [Uint8Array, number] = [header.subarray(0, -1), 0]
  let arrived = (): boolean => headerCame()
  const aim = (bytes: Uint8Array, then: () => boolean): void => {
    target = bytes
    at = 0
    arrived = then
  }
  /**
   * A header's last byte is read when this member has asked for a reduction: only then is it known where the bytes behind it
   * belong, and where the next bytes go must be said before.
   */
  const headerCame = (): boolean => {
    aim(header.subarray(-1), wholeHeaderCame)
    paused = coming.length === 0 && beginsRequest(header)
    return !paused
  }
  const wholeHeaderCame = (): boolean => {
    const theirs = decodeHeader(header)
    const [asked] = coming
    if (theirs !== undefined && 'note' in theirs) return noteComes(theirs.note)
    if (theirs === undefined || asked === undefined) return strange()
    const why = disagreement(theirs, asked.request, seat.rank)
    if (why !== undefined) fail({ rank: previous, why })
    else {
      asked.met = true
      receive(asked)
    }
    return true
  }
  const strange = (): boolean => {
    fail({ rank: previous, why: 'sent bytes that no member sends' })
    return true
  }
  const noteComes = (length: number): boolean => {
    if (!(Number.isInteger(length) && length > 0 && length <= LONGEST_NOTE)) return strange()
    const text = new Uint8Array(length)
    aim(text, () => {
      const breach = decodeNote(text)
      if (breach === undefined) return strange()
      fail(breach)
      return true
    })
    return true
  }

  const receive = (asked: Asked): void => {
    const { values, request, next: part } = asked
    if (part === undefined) {
      coming.shift()
      begun--
      aim(header.subarray(0, -1), headerCame)
      settle(asked)
      return
    }
    const bytes = bytesOf(values, part.from, part.to)
    const isSum = part.step < sumSteps(seat)
    aim(isSum ? sum.others.subarray(0, bytes.length) : bytes, () => {
      if (isSum) {
        const isWhole = part.step === sumSteps(seat) - 1
        sum.take(values.subarray(part.from, part.to), request.reduction, isWhole ? seat.size : 1)
      }
      if (part.step < last) send(asked, [bytes])
      step(asked)
      beginNext()
      receive(asked)
      return true
    })
  }

  const end = (breach: Breach): void => {
    broken = breach
    clearTimeout(grace)
    queue.length = 0
    const error = new RingBroken(breach)
    for (const asked of open) asked.done(error)
    open.clear()
    coming.length = 0
  }
  const fail = (breach: Breach): void => {
    if (broken !== undefined) return
    // The next member can be told only where it expects a header.
    const expects = writes === 0 && queue.length === 0 && coming.slice(0, begun).every(({ sent }) => sent)
    end(breach)
    const note = encodeNote(breach)
    inlet?.end(note)
    outlet?.end(expects ? Buffer.concat([encodeNoteHeader(note.length), note]) : undefined)
    broke(breach)
  }

  return {
    target: () => (broken === undefined ? target.subarray(at) : discard),
    took: (count) => {
      if (broken !== undefined) return true
      moved()
      at += count
      return at < target.length ? true : arrived()
    },
    reduce: (values, reduction) =>
      new Promise((resolve, reject) => {
        if (broken === undefined && gone !== undefined) fail(gone)
        if (broken !== undefined) {
          reject(new RingBroken(broken))
          return
        }
        if (open.size === 0) moved()
        const asked: Asked = {
          ...{ values, request: { reduction, sequence: ++sequence, length: values.length } },
          plan: arrivals(seat, values.length, chunk),
          done: (error) => (error === undefined ? resolve() : reject(error)),
          ...{ next: undefined, met: false, sent: false, unwritten: 0 },
        }
        open.add(asked)
        coming.push(asked)
        beginNext()
        if (!paused) return
        paused = false
        inlet?.resume()
      }),
    waiting: () => {
      if (open.size === 0) return undefined
      const seconds = (performance.now() - since) / 1000
      const [asked] = coming
      if (asked === undefined) return { rank: next, seconds }
      const part = asked.met ? asked.next : undefined
      // Where nothing of a step of sums has come, the member that begins it isn't there yet.
      const isAbsent = part !== undefined && part.step < sumSteps(seat) && part.first && at === 0
      return { rank: isAbsent ? originOf(seat, part.step) : previous, seconds }
    },
    close: () => {
      if (broken !== undefined) return
      const breach = { rank: seat.rank, why: 'closed the ring' }
      if (open.size > 0) {
        fail(breach)
        return
      }
      end(breach)
      inlet?.end()
      outlet?.end()
    },
    receiveFrom: (way) => {
      inlet = way
      if (broken !== undefined) way.end(encodeNote(broken))
    },
    sendTo: (way) => {
      outlet = way
      if (broken !== undefined) way.end()
      else pump()
    },
    fail,
    lost: (side, why) => {
      if (broken !== undefined) return
      const breach = { rank: side === 'previous' ? previous : next, why }
      gone ??= breach
      // Before both ways are there, none may be missing.
      if (inlet === undefined || outlet === undefined) fail(breach)
      else if (side === 'next') {
        // Who has all may leave while others still receive.
        if ([...open].some(({ sent, unwritten }) => !sent || unwritten > 0)) fail(breach)
      } else if (coming.length > 0) grace ??= setTimeout(() => fail(breach), GRACE)
    },
  }
}
