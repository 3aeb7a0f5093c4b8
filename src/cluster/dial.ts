/** The way of a member to member 0: looked for until it is there, and again while nobody trains yet. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { errorCode } from '../base/fileFailure'
import { addressText } from './environment/variables'
import type { Link } from './hub'
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

/** The greeting of one connection: what to answer to what member 0 says; `done` once it has taken the card. */
const greeting = (secret: string, card: Card, link: Link, done: () => void) => {
  const asked = newNonce()
  link.send({ kind: 'hello', nonce: asked })
  return (message: Message): string | undefined => {
    if (message.kind === 'taken') {
      done()
      return undefined
    }
    if (message.kind !== 'challenge') return 'what answers there is no member'
    if (!isProof(message.proof, secret, 'leader', asked, message.nonce)) {
      link.send({ kind: 'stranger' })
      return OTHER
    }
    link.send({ kind: 'card', proof: proofOf(secret, 'member', asked, message.nonce), card })
    return undefined
  }
}
const OTHER = 'member 0 knows another secret than this member, or one of them knows none'

/** One connection from its beginning to its end; gives why it came to nothing, where it did. */
const once = async (address: string, options: PostOptions, seat: Seat, opened: (socket: Socket) => void) => {
  const { leader, secret, greet, card } = options
  const socket = connect({ host: address, port: leader.port })
  opened(socket)
  let why: string | undefined
  let [sits, reached] = [false, false]
  const link = linkOver(socket)
  const stop = (reason: string): void => {
    why ??= reason
    shut(socket)
  }
  socket.on('error', (error) => {
    why ??= errorCode(error) ?? error.message
  })
  socket.once('connect', () => {
    reached = true
    clearTimeout(late)
    late = setTimeout(() => stop('what answers there is no member'), greet)
    answer = greeting(secret, card, link, () => {
      clearTimeout(late)
      sits = true
      seat.sit(link, 'there')
    })
  })
  let late = setTimeout(() => {
    why = 'nothing answers'
    socket.destroy()
  }, ANSWER)
  let answer: ReturnType<typeof greeting> | undefined
  readFrames(
    socket,
    () => (reached ? LEADER : STRANGER),
    ({ header, body }) => {
      const message = messageOf(header)
      if (message === undefined) return 'what answers there is no member'
      if (!sits && message.kind !== 'refused') return answer?.(message)
      seat.hear(message, body)
      return undefined
    },
    stop,
  )
  await closedIn(socket)
  clearTimeout(late)
  if (sits) seat.closed()
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
