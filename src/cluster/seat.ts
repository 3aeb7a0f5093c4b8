/** What each member knows of the others, member 0 among them: it hears what member 0 decides. See `meeting`. */
import type { Link } from './link'
import type { Message } from './messages'
import type { Told } from './options'
import { END, isStep } from './points'
import { closedLoss, FIRST_PHASE, type Loss, silentAmong, silentLoss, stoppedFor } from './watch'

export interface SeatOptions {
  /** In milliseconds. */
  readonly timeout: number
  readonly beat: number
  readonly now: () => number
  readonly tell: (told: Told) => void
}

export interface Seat {
  /** A way to member 0 that has taken the card. */
  readonly sit: (link: Link, place: 'here' | 'there') => void
  readonly hear: (message: Message, body: Uint8Array) => void
  /** The way is gone. */
  readonly closed: () => void
  readonly come: (point: string, body: Uint8Array, first: boolean) => void
  readonly phase: (phase: string) => void
  readonly fail: (message: string) => void
  /** Ends it here: for what no other member can know. */
  readonly lose: (loss: Loss) => void
  readonly tick: () => void
  readonly isOver: () => boolean
}

const partsOf = (body: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] => {
  let at = 0
  return lengths.map((length) => {
    at += length
    return body.slice(at - length, at)
  })
}

/** The seat of a member that has none yet. */
export const newSeat = ({ timeout, beat, now, tell }: SeatOptions): Seat => {
  let state: 'away' | 'waiting' | 'together' | 'over' = 'away'
  let link: Link | undefined
  let phaseHere = 'joining'
  let looked = now()
  const leader: { name: string; phase: string; step: string | undefined; heard: number | undefined } = {
    ...{ name: 'member 0', phase: 'joining', step: undefined, heard: undefined },
  }

  const finish = (told: Told): void => {
    if (state === 'over') return
    state = 'over'
    link?.close()
    tell(told)
  }
  const lose = (loss: Loss): void => finish({ kind: 'failed', ...loss })

  const hear = (message: Message, body: Uint8Array): void => {
    if (leader.heard !== undefined) leader.heard = now()
    if (message.kind === 'beat') leader.phase = message.phase
    else if (message.kind === 'note') tell({ kind: 'note', text: message.text })
    else if (message.kind === 'failed' || message.kind === 'refused') lose({ message: message.message, remedy: message.remedy })
    else if (message.kind === 'together') {
      state = 'together'
      leader.name = message.names[0] ?? leader.name
      leader.phase = FIRST_PHASE
      phaseHere = FIRST_PHASE
      tell({ kind: 'together', names: message.names })
    } else if (message.kind === 'all') {
      if (isStep(message.point)) leader.step = message.point
      if (message.point === END) finish({ kind: 'left' })
      else tell({ kind: 'all', bodies: partsOf(body, message.lengths) })
    }
  }

  const closed = (): void => {
    link = undefined
    leader.heard = undefined
    if (state === 'together') lose(closedLoss(leader))
    else if (state === 'waiting') state = 'away'
  }

  const tick = (): void => {
    const stopped = stoppedFor(looked, now(), beat)
    looked = now()
    if (leader.heard === undefined) return
    leader.heard += stopped
    link?.send({ kind: 'beat', phase: phaseHere })
    if (silentAmong([leader], now(), timeout).length === 0) return
    if (state !== 'together') {
      link?.close()
      return
    }
    const loss = silentLoss([leader], timeout)
    // If it goes on after all, it is told why nobody is there.
    link?.send({ kind: 'fail', message: loss.message })
    lose(loss)
  }

  return {
    sit: (to, place) => {
      state = 'waiting'
      link = to
      leader.heard = place === 'there' ? now() : undefined
    },
    ...{ hear, closed, lose, tick },
    come: (point, body, first) => link?.send({ kind: 'come', point, first }, body),
    phase: (phase) => {
      phaseHere = phase
      link?.send({ kind: 'phase', phase })
    },
    fail: (message) => link?.send({ kind: 'fail', message }),
    isOver: () => state === 'over',
  }
}
