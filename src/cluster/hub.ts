/** What member 0 decides: who is missing, whether all fit together, what all brought to a point, and who is lost. See `meeting`. */
import { joined } from '../base/bytes'
import { printableLines } from '../base/printable'
import { differenceIn, nameOf, ranksText } from './cards'
import type { Entered, Link } from './link'
import type { Card, Message } from './messages'
import { END, isStep } from './points'
import {
  absentLoss,
  astrayLoss,
  closedLoss,
  FIRST_PHASE,
  type Loss,
  lossAmong,
  silentAmong,
  stoppedFor,
  type Watched,
} from './watch'

export interface HubOptions {
  /** What member 0 says of itself. */
  readonly card: Card
  /** All in milliseconds. */
  readonly join: number
  readonly timeout: number
  readonly beat: number
  /** How long others may still come after two were found that don't fit, so that one message names all. */
  readonly settle: number
  readonly now: () => number
  /** What strangers at the port said of themselves, for the message that names the missing. */
  readonly strangers: () => string | undefined
}

export interface Hub {
  readonly enter: (card: Card, link: Link, place: 'here' | 'there') => Entered
  readonly tick: () => void
}

type Peer = { -readonly [K in keyof Watched]: Watched[K] } & {
  readonly card: Card
  readonly link: Link
  body: Uint8Array
  first: boolean
}

const NOTHING = new Uint8Array()
/** When the missing are told, in milliseconds after the beginning; afterwards every minute. */
const TOLD = [5000, 20_000, 60_000]
const nextTold = (time: number): number => TOLD.find((one) => one > time) ?? time + 60_000

/** The hub of a run; it is told of who enters, and of the time. */
export const newHub = ({ card: { size }, join, timeout, beat, settle, now, strangers }: HubOptions): Hub => {
  let state: 'gathering' | 'together' | 'over' = 'gathering'
  let end: Loss | undefined
  const peers: Peer[] = []
  const began = now()
  let [told, looked, settled] = [nextTold(0), began, Number.POSITIVE_INFINITY]

  const all = (message: Message, body?: Uint8Array): void => {
    for (const { link } of peers) link.send(message, body)
  }
  const finish = (): void => {
    state = 'over'
    for (const { link } of peers.splice(0)) link.close()
  }
  const lose = (loss: Loss): void => {
    if (state === 'over') return
    end = loss
    all({ kind: 'failed', ...loss })
    finish()
  }

  const compare = (): void => {
    const difference = differenceIn(peers.map(({ card }) => card))
    if (difference !== undefined) {
      if (peers.length >= size || now() >= settled) lose(difference)
      else settled = Math.min(settled, now() + settle)
    } else if (peers.length === size) {
      state = 'together'
      peers.sort((a, b) => a.rank - b.rank)
      for (const peer of peers) Object.assign(peer, { phase: FIRST_PHASE, phaseSince: now() })
      all({ kind: 'together', names: peers.map(({ name }) => name) })
    }
  }

  const meet = (): void => {
    if (peers.some(({ come }) => come === undefined)) return
    const astray = astrayLoss(peers)
    if (astray !== undefined) {
      lose(astray)
      return
    }
    const point = peers[0]!.come!.point
    const bodies = peers.map(({ body }) => body)
    for (const peer of peers) {
      peer.come = undefined
      peer.body = NOTHING
      if (isStep(point)) peer.step = point
    }
    const lengths = bodies.map(({ length }) => length)
    const whole = joined(bodies)
    for (const { rank, first, link } of peers) {
      if (first && rank > 0) link.send({ kind: 'all', point, lengths: lengths.map(() => 0) })
      else link.send({ kind: 'all', point, lengths }, whole)
    }
    if (point === END) finish()
  }

  const hear = (peer: Peer, message: Message, body: Uint8Array): void => {
    if (state === 'over') return
    if (peer.heard !== undefined) peer.heard = now()
    if (message.kind === 'phase' || message.kind === 'beat') {
      // A beat that was under way when all had met says 'joining'.
      if (message.phase === peer.phase || message.phase === 'joining') return
      Object.assign(peer, { phase: message.phase, phaseSince: now() })
      if (peer.heard === undefined) all({ kind: 'beat', phase: peer.phase })
    } else if (message.kind === 'fail') {
      lose({
        message: `${peer.name} failed: ${printableLines(message.message)}`,
        remedy: 'See what that member says; then start all members again.',
      })
    } else if (message.kind === 'come' && state === 'together') {
      peer.come = { point: message.point, since: now() }
      peer.first = message.first
      peer.body = body
      meet()
    }
  }

  const gone = (peer: Peer): void => {
    if (!peers.includes(peer)) return
    if (state === 'together') lose(closedLoss(peer))
    else peers.splice(peers.indexOf(peer), 1)
  }

  const missing = (): readonly number[] =>
    Array.from({ length: size }, (_, i) => i).filter((rank) => !peers.some((peer) => peer.rank === rank))

  const gather = (): void => {
    for (const peer of silentAmong([...peers], now(), timeout)) {
      peer.link.close()
      gone(peer)
    }
    const time = now() - began
    if (time > join && settled < Number.POSITIVE_INFINITY) settled = now()
    if (now() >= settled) compare()
    else if (time > join) {
      lose(absentLoss(missing(), size, join, strangers()))
    } else if (time >= told) {
      told = nextTold(time)
      all({ kind: 'note', text: `waiting for ${ranksText(missing())} of ${size} …` })
    }
  }

  const tick = (): void => {
    const stopped = stoppedFor(looked, now(), beat)
    looked = now()
    for (const peer of peers) {
      if (peer.heard !== undefined) peer.heard += stopped
      peer.phaseSince += stopped
      if (peer.come !== undefined) peer.come = { ...peer.come, since: peer.come.since + stopped }
    }
    if (state === 'gathering') gather()
    else if (state === 'together') {
      const loss = lossAmong(peers, now(), timeout)
      if (loss !== undefined) lose(loss)
    }
    const phase = peers.find(({ heard }) => heard === undefined)?.phase ?? 'joining'
    if (state !== 'over') all({ kind: 'beat', phase })
  }

  const enter = (card: Card, link: Link, place: 'here' | 'there'): Entered => {
    const peer: Peer = {
      ...{ card, link, rank: card.rank, name: nameOf(card), heard: place === 'there' ? now() : undefined },
      ...{ phase: 'joining', phaseSince: now(), step: undefined, come: undefined, body: NOTHING, first: false },
    }
    // It lost a connection that nobody has closed here.
    const before = peers.find((one) => one.card.token === card.token)
    if (before !== undefined) {
      before.link.close()
      gone(before)
    }
    if (state !== 'gathering') {
      const taken = { message: 'the run has all its members already', remedy: 'End the processes of an earlier start.' }
      link.send({ kind: 'refused', ...(end ?? taken) })
      link.close()
      return { hear: () => undefined, gone: () => undefined }
    }
    link.send({ kind: 'taken' })
    peers.push(peer)
    compare()
    return { hear: (message, body) => hear(peer, message, body), gone: () => gone(peer) }
  }

  return { enter, tick }
}
