/** All of a member that talks to others, beside what trains: for member 0 the hub and its port, for others the way to it. */
import { lookup as dnsLookup } from 'node:dns/promises'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import { dial } from './dial'
import { type Hub, newHub } from './hub'
import type { Entered, Link } from './link'
import { type Listening, listen } from './listen'
import type { Asked, PostData, PostOptions, Told } from './options'
import { type Lookup, lossOf, resolveLeader } from './resolve'
import { newSeat, type Seat } from './seat'
import { shut } from './sockets'

const lookup: Lookup = async (host) => (await dnsLookup(host, { all: true })).map(({ address }) => address)
const NOTHING = new Uint8Array()
const PAUSE = 250

/** Asks for the addresses of member 0 until it has some, or until the time is over. */
const ownAddresses = async (options: PostOptions): Promise<E.Either<Failure, readonly string[]>> => {
  const began = options.now()
  for (;;) {
    const found = await resolveLeader(options.leader, options.trusted, options.lookup)
    if (E.isRight(found)) return found
    if (!found.left.again || options.now() - began > options.join) return E.left(found.left.failure)
    await sleep(PAUSE)
  }
}

/** Opens the port of member 0, where there are others to come. */
const open = async (options: PostOptions, hub: Hub, seat: Seat): Promise<E.Either<Failure, Listening | undefined>> => {
  if (options.card.size === 1) return E.right(undefined)
  const addresses = await ownAddresses(options)
  if (E.isLeft(addresses)) return addresses
  if (seat.isOver()) return E.right(undefined)
  const enter = (card: PostOptions['card'], link: Link): Entered => hub.enter(card, link, 'there')
  return listen(options.leader, addresses.right, { ...options, enter })
}

/** Has member 0 take its own seat, without a connection, when the others can come. */
const lead = async (options: PostOptions, hub: Hub, seat: Seat): Promise<Listening | undefined> => {
  const found = await open(options, hub, seat)
  if (E.isLeft(found)) {
    seat.lose(lossOf(found.left))
    return undefined
  }
  if (seat.isOver()) return found.right
  let here: Entered | undefined
  const close = (): void => undefined
  seat.sit({ send: (message, body = NOTHING) => here?.hear(message, body), close }, 'here')
  here = hub.enter(options.card, { send: (message, body = NOTHING) => seat.hear(message, body), close }, 'here')
  return found.right
}

/** Starts it. After `failed` or `left` nothing of it is left. */
export const startPost = (data: PostData, tell: (told: Told) => void): ((asked: Asked) => void) => {
  const note = (text: string): void => tell({ kind: 'note', text })
  const options: PostOptions = { ...data, now: () => performance.now(), note, lookup }
  let leading: Promise<Listening | undefined> = Promise.resolve(undefined)
  let listening: Listening | undefined
  let socket: Socket | undefined

  const end = async (told: Told): Promise<void> => {
    clearInterval(ticking)
    if (socket !== undefined) shut(socket)
    // It may be that it ends while it begins.
    await (await leading)?.close()
    tell(told)
  }
  const seat = newSeat({
    ...options,
    tell: (told) => {
      if (told.kind === 'failed' || told.kind === 'left') void end(told)
      else tell(told)
    },
  })
  const hub = data.card.rank > 0 ? undefined : newHub({ ...options, strangers: () => listening?.strangers() })
  const ticking = setInterval(() => {
    hub?.tick()
    seat.tick()
  }, data.beat)

  if (hub === undefined) {
    void dial(options, seat, (opened) => {
      socket = opened
    })
  } else {
    leading = lead(options, hub, seat).then((found) => {
      listening = found
      return found
    })
  }
  return (asked) => {
    if (asked.kind === 'come') seat.come(asked.point, asked.body, asked.first)
    else if (asked.kind === 'phase') seat.phase(asked.phase)
    else if (asked.kind === 'fail') seat.fail(asked.message)
    else seat.lose({ message: 'it was ended', remedy: 'Start again.' })
  }
}
