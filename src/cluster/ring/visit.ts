/** How a member connects to the previous one: each shows the other that it knows the secret. */
import { randomBytes } from 'node:crypto'
import { type Address, waysTo } from './address'
import { connectTo, inletOf, onLost } from './ends'
import type { Flow, Receiver } from './flow'
import { previousOf, type Seat } from './plan'
import { ANSWER_BYTES, encodeHello, NONCE_BYTES, noProof, replyTo } from './proof'

export interface VisitOptions extends Seat {
  readonly secret: Uint8Array
  readonly machine: string
  readonly flow: Flow
  /** The previous member has shown that it is one. */
  readonly welcomed: () => void
}

/** Connects to the previous member by the best way that there is; what comes is the flow's then. Gives what gives it up. */
export const visit = (address: Address, { rank, size, secret, machine, flow, welcomed }: VisitOptions): (() => void) => {
  const host = previousOf({ rank, size })
  let giveUp = (): void => undefined

  const tryWays = ([way, ...others]: ReturnType<typeof waysTo>): void => {
    if (way === undefined) return
    const asked = randomBytes(NONCE_BYTES)
    const answer = new Uint8Array(ANSWER_BYTES)
    let [got, reached, isOpen] = [0, false, false]

    const fail = (why: string): void => flow.fail({ rank: host, why })
    const answered = (): void => {
      const reply = replyTo(answer, { secret, size, guest: rank, host, asked })
      if (reply === 'stranger') {
        fail('is not what answers at its address')
        socket.destroy()
      } else if (reply === 'other secret') {
        fail(`knows another secret than member ${rank}, or one of them knows none`)
        socket.end(noProof())
      } else {
        isOpen = true
        socket.write(reply)
        flow.receiveFrom(inletOf(socket))
        welcomed()
      }
    }
    const greeting: Receiver = {
      target: () => answer.subarray(got),
      took: (count) => {
        got += count
        if (got === ANSWER_BYTES) answered()
        return true
      },
    }
    // Behind the answer come the flow's bytes, or none that count.
    const receiver = (): Receiver => (got < ANSWER_BYTES ? greeting : flow)
    const socket = connectTo(way, { target: () => receiver().target(), took: (count) => receiver().took(count) })
    giveUp = () => {
      if (!isOpen) socket.destroy()
    }
    socket.once('connect', () => {
      reached = true
      socket.write(encodeHello(rank, asked))
    })
    onLost(socket, (why) => {
      if (isOpen) flow.lost('previous', why)
      else if (!reached && others.length > 0) tryWays(others)
      else fail(reached ? `${why} before it showed that it is a member` : `can't be reached: it ${why}`)
    })
  }
  tryWays(waysTo(address, machine))
  return () => giveUp()
}
