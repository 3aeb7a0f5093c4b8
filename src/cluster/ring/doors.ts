/** Where a member waits for the next one to connect: a port, and where the system has them a unix domain socket of its own. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { attempt } from '../../base/attempt'
import { type Failure, missing } from '../../base/failure'
import { errorCode } from '../../base/fileFailure'
import { tryListen } from '../tryListen'
import type { Address } from './address'
import { decodeNote } from './broken'
import { newNoteReader, onLost, outletOf, TCP } from './ends'
import type { Flow } from './flow'
import { nextOf, type Seat } from './plan'
import { decodeHello, encodeAnswer, HELLO_BYTES, isProof, LAST_BYTES, type Meeting, NONCE_BYTES } from './proof'

/** So many may be at a door at a time. */
const CROWD = 32

export interface Doors {
  readonly port: number
  readonly path: string | undefined
  /** Why who connected last was turned away, if anybody was. */
  readonly turnedAway: () => string | undefined
  /** Lets nobody in any more, and sends away who has not shown that it is the next member. */
  readonly close: () => void
}

export interface DoorOptions extends Seat {
  readonly secret: Uint8Array
  readonly host: string
  readonly machine: string
  readonly flow: Flow
  /** The next member is in. */
  readonly entered: () => void
}

/** A unix domain socket in a folder that only this user may enter; undefined where there can't be one. */
const listenAtPath = async (server: Server): Promise<{ readonly path: string; readonly remove: () => void } | undefined> => {
  if (process.platform === 'win32') return undefined
  // Made with mode 0700.
  const folder = attempt(() => mkdtempSync(join(tmpdir(), 'ibot-ring-')))
  if (folder === undefined) return undefined
  const remove = (): void => {
    attempt(() => rmSync(folder, { recursive: true, force: true }))
  }
  const path = join(folder, 's')
  if ((await tryListen(server, { path })) === undefined) return { path, remove }
  remove()
  return undefined
}

/** Lets who connects show that it is the next member; then `done` has its connection, and `away` is called for all others. */
const greet = (
  socket: Socket,
  { rank, size, secret }: DoorOptions,
  done: () => (bytes: Uint8Array) => void,
  away: (why: string) => void,
): void => {
  const guest = nextOf({ rank, size })
  let bytes = Buffer.alloc(0)
  let meeting: Meeting | undefined
  let take: ((bytes: Uint8Array) => void) | undefined
  const hear = (): void => {
    if (meeting === undefined) {
      if (bytes.length < HELLO_BYTES) return
      const hello = decodeHello(bytes)
      if (hello?.guest !== guest) {
        away('it is no member, or not the next one')
        return
      }
      meeting = { secret, size, guest, host: rank, asked: hello.asked, answered: randomBytes(NONCE_BYTES) }
      bytes = bytes.subarray(HELLO_BYTES)
      socket.write(encodeAnswer(meeting))
    }
    if (bytes.length < LAST_BYTES) return
    if (!isProof(bytes.subarray(0, LAST_BYTES), meeting)) {
      away('it knows another secret, or none')
      return
    }
    take = done()
    take(bytes.subarray(LAST_BYTES))
  }
  socket.on('data', (chunk) => {
    if (socket.destroyed) return
    if (take !== undefined) {
      take(chunk)
      return
    }
    bytes = Buffer.concat([bytes, chunk])
    hear()
  })
}

/** Listens until closed; who enters is what the flow sends to. */
export const openDoors = async (options: DoorOptions): Promise<E.Either<Failure, Doors>> => {
  const { rank, host, flow, entered } = options
  const guests = new Set<Socket>()
  let isIn = false
  let turnedAway: string | undefined

  const welcome = (socket: Socket): void => {
    if (isIn) {
      socket.destroy()
      return
    }
    // Whoever has been there longest makes room.
    if (guests.size >= CROWD) [...guests][0]?.destroy()
    guests.add(socket)
    socket.on('error', () => undefined).once('close', () => guests.delete(socket))
    greet(
      socket,
      options,
      () => {
        isIn = true
        guests.delete(socket)
        const { take, note } = newNoteReader()
        onLost(socket, (why) => {
          const breach = decodeNote(note())
          if (breach === undefined) flow.lost('next', why)
          else flow.fail(breach)
        })
        flow.sendTo(outletOf(socket))
        entered()
        return take
      },
      (why) => {
        turnedAway = why
        socket.destroy()
      },
    )
  }

  const [byPort, byPath] = [createServer(TCP, welcome), createServer(welcome)]
  const error = await tryListen(byPort, { host, port: 0 })
  if (error !== undefined)
    return E.left(
      missing(
        `member ${rank} can't listen at ${host} (${errorCode(error) ?? String(error)})`,
        'Give the member an address of its machine at which the others reach it.',
      ),
    )
  const at = await listenAtPath(byPath)
  return E.right({
    port: (byPort.address() as AddressInfo).port,
    path: at?.path,
    turnedAway: () => turnedAway,
    close: () => {
      byPort.close()
      byPath.close()
      // Who is connected stays so.
      at?.remove()
      for (const guest of guests) guest.destroy()
    },
  })
}

/** The text that tells others of the doors. */
export const addressOf = ({ port, path }: Doors, { host, machine }: DoorOptions): Address => ({ host, port, machine, path })
