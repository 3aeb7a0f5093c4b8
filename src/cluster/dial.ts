/** The way of a member to member 0: looked for until it is there, and again while nobody trains yet. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { errorCode } from '../base/fileFailure'
import { addressText } from './environment/variables'
import type { Frame } from './frames'
import type { Link } from './link'
import { type Card, LEADER, type Message, messageOf, STRANGER } from './messages'
import type { PostOptions } from './options'
import { lossOf, resolveLeader } from './resolve'
import type { Seat } from './seat'
import { isProof, newNonce, proofOf } from './secret'
import { closedIn, linkOver, readFrames, shut } from './sockets'

/** Between two attempts, in milliseconds: at first shorter, as members start together. */
const PAUSE = 250
const FIRST_PAUSE = 25
/** What a machine may take to answer, in milliseconds. */
const ANSWER = 5000

const OTHER = 'member 0 knows another secret than this member, or one of them knows none'
const NO_MEMBER = 'what answers there is no member'

/** The greeting of one connection, of which `link` is the way. */
const greeting = (secret: string, card: Card, link: Link) => {
  const asked = newNonce()
  let [proven, taken] = [false, false]
  const challenged = (nonce: string, proof: string): string | undefined => {
    proven = isProof(proof, secret, 'leader', asked, nonce)
    if (proven) link.send({ kind: 'card', proof: proofOf(secret, 'member', asked, nonce), card })
    else link.send({ kind: 'stranger' })
    return proven ? undefined : OTHER
  }
  return {
    begin: () => link.send({ kind: 'hello', nonce: asked }),
    isProven: () => proven,
    isTaken: () => taken,
    /** Gives what is wrong with the answer, where something is. */
    hear: (message: Message): string | undefined => {
      if (message.kind === 'challenge' && !proven) return challenged(message.nonce, message.proof)
      taken = proven && message.kind === 'taken'
      return taken ? undefined : NO_MEMBER
    },
  }
}

/** One connection from its beginning to its end; gives why it came to nothing, where it did. */
const once = async (
  address: string,
  { leader, secret, greet, card }: PostOptions,
  seat: Seat,
  opened: (socket: Socket) => void,
): Promise<string | undefined> => {
  const socket = connect({ host: address, port: leader.port })
  opened(socket)
  const link = linkOver(socket)
  const greets = greeting(secret, card, link)
  let why: string | undefined
  const stop = (reason: string): void => {
    why ??= reason
    shut(socket)
  }
  let late = setTimeout(() => {
    why = 'nothing answers'
    socket.destroy()
  }, ANSWER)
  socket.on('error', (error) => {
    why ??= errorCode(error) ?? error.message
  })
  socket.once('connect', () => {
    clearTimeout(late)
    late = setTimeout(() => stop(NO_MEMBER), greet)
    greets.begin()
  })
  const hear = ({ header, body }: Frame): string | undefined => {
    const message = messageOf(header)
    if (message === undefined) return NO_MEMBER
    if (greets.isTaken() || message.kind === 'refused') {
      seat.hear(message, body)
      return undefined
    }
    const wrong = greets.hear(message)
    if (greets.isTaken()) {
      clearTimeout(late)
      seat.sit(link, 'there')
    }
    return wrong
  }
  readFrames(socket, () => (greets.isProven() ? LEADER : STRANGER), hear, stop)
  await closedIn(socket)
  clearTimeout(late)
  if (greets.isTaken()) seat.closed()
  return why
}

/** Joins member 0, and stays until the seat is given up. `opened` hears of each connection. */
export const dial = async (options: PostOptions, seat: Seat, opened: (socket: Socket) => void): Promise<void> => {
  const { leader, join, now, note, trusted, lookup, card } = options
  const began = now()
  let [told, tries] = [false, 0]
  for (let pause = FIRST_PAUSE; ; pause = Math.min(PAUSE, 2 * pause)) {
    const found = await resolveLeader(leader, trusted, lookup)
    if (seat.isOver()) return
    if (E.isLeft(found) && !found.left.again) {
      seat.lose(lossOf(found.left.failure))
      return
    }
    const tried = E.isRight(found)
      ? await once(found.right[tries++ % found.right.length]!, options, seat, opened)
      : lossOf(found.left.failure).message
    if (seat.isOver()) return
    if (tried === OTHER) {
      seat.lose({ message: OTHER, remedy: 'Set the same IBOT_SECRET for all members, or for none.' })
      return
    }
    const [time, where] = [now() - began, addressText(leader)]
    if (time > join) {
      seat.lose({
        message: `member ${card.rank} did not reach member 0 at ${where} within ${Math.round(join / 1000)} s: ${tried ?? 'it closed the connection'}`,
        remedy: 'See what member 0 says, and whether this machine reaches its port.',
      })
      return
    }
    if (time > 5000 && !told) {
      told = true
      note(`waiting for member 0 at ${where} (${tried ?? 'it closed the connection'}) …`)
    }
    await sleep(pause)
  }
}
