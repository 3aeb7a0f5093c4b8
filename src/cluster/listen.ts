/** The port of member 0. */

import { createServer, isIP, type ListenOptions, type Socket } from 'node:net'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { errorCode } from '../base/fileFailure'
import { printable } from '../base/printable'
import { type DoorOptions, newGuest, OTHER_SECRET } from './door'
import { type Address, addressText } from './environment/variables'
import { MEMBER, STRANGER } from './messages'
import { lossOf } from './resolve'
import { closedIn, linkOver, readFrames, shut } from './sockets'
import { checkTrusted } from './trusted'
import { tryListen } from './tryListen'

export interface PortOptions extends DoorOptions {
  readonly trusted: boolean
  /** How long who connects may take to show that it is a member, in milliseconds. */
  readonly greet: number
  readonly note: (text: string) => void
}

export interface Listening {
  /** Who was turned away for its secret, if anybody was. */
  readonly strangers: () => string | undefined
  /** Lets nobody in any more; comes when all connections are closed. */
  readonly close: () => Promise<void>
}

/** So many may be at the door at a time. */
const CROWD = 256

const failureOf = (error: unknown, at: Address): Failure => {
  const code = errorCode(error)
  const where = addressText(at)
  if (code === 'EADDRINUSE')
    return missing(
      `member 0 can't listen at ${where}: another process does`,
      'Give all members another port, or end the processes of an earlier start.',
    )
  if (code === 'EACCES') return missing(`member 0 may not listen at ${where}`, 'Give all members a port from 1024 on.')
  return missing(`member 0 can't listen at ${where} (${code ?? String(error)})`, 'Give all members another address.')
}

/**
 * Where to listen, in the order of trying: at an address that was given, or for this machine alone where it was localhost. Behind
 * a name may be several networks, and a machine's own name may mean loopback, as on Debian: there it is everywhere, and who
 * connects from a public address is turned away. So it is where an address isn't this machine's, as with a service of Kubernetes.
 */
const placesOf = ({ host, port }: Address, addresses: readonly string[]): readonly ListenOptions[] => {
  const given = host === 'localhost' || isIP(host) !== 0 ? addresses.map((address) => ({ host: address, port })) : []
  return host === 'localhost' ? given : [...given, { port }]
}

/** Listens for members; `addresses` are those of the name. */
export const listen = async (
  at: Address,
  addresses: readonly string[],
  { secret, trusted, greet, note, enter }: PortOptions,
): Promise<E.Either<Failure, Listening>> => {
  const sockets = new Set<Socket>()
  const told = new Set<string>()
  let strangers: string | undefined
  let crowd = 0

  const turnedAway = (address: string, why: string): void => {
    const text = `who connected from ${printable(address)} was turned away: ${why}`
    if (why === OTHER_SECRET) strangers = text
    if (told.has(why)) return
    told.add(why)
    note(text)
  }

  const welcome = (socket: Socket): void => {
    const address = socket.remoteAddress ?? ''
    if (crowd >= CROWD) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    crowd++
    const link = linkOver(socket)
    const guest = newGuest({ secret, enter }, link)
    const late = setTimeout(() => {
      turnedAway(address, 'it did not say in time who it is')
      socket.destroy()
    }, greet)
    let counted = true
    const settle = (): void => {
      clearTimeout(late)
      if (counted) crowd--
      counted = false
    }
    const away = (why: string): void => {
      turnedAway(address, why)
      shut(socket)
    }
    socket.once('close', () => {
      settle()
      sockets.delete(socket)
      guest.gone()
    })
    readFrames(
      socket,
      () => (guest.isIn() ? MEMBER : STRANGER),
      (frame) => {
        const why = guest.hear(frame)
        if (guest.isIn()) settle()
        return why
      },
      away,
    )
    const open = checkTrusted([address], trusted)
    if (E.isRight(open)) return
    link.send({ kind: 'refused', ...lossOf(open.left) })
    away('its address is public')
  }

  const server = createServer(welcome)
  let error: unknown
  for (const place of placesOf(at, addresses)) {
    error = await tryListen(server, place)
    if (errorCode(error) !== 'EADDRNOTAVAIL') break
  }
  if (error !== undefined) return E.left(failureOf(error, at))
  return E.right({
    strangers: () => strangers,
    close: async () => {
      server.close()
      for (const socket of sockets) shut(socket)
      await Promise.all([...sockets].map(closedIn))
    },
  })
}
