/** Both ends of a connection of a ring: sockets as ways to the neighbours. Who receives is who connects: its socket alone can be told where to put what comes. */
import { connect, type Socket } from 'node:net'
import { errorCode } from '../../base/fileFailure'
import { LONGEST_NOTE } from './broken'
import type { Inlet, Outlet, Receiver } from './flow'

/** After so long, in milliseconds, a connection that was to be closed is cut off, whatever the other end does. */
const LINGER = 1000
/** A machine that is gone without a word is noticed after a time of silence, in milliseconds, and some questions. */
export const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 }

/** Sends something last, throws away what still comes, and closes. */
const shut = (socket: Socket, last: Uint8Array): void => {
  if (socket.destroyed) return
  const late = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(late))
  socket.resume().end(last)
}
const endOf =
  (socket: Socket) =>
  (last?: Uint8Array): void => {
    if (last === undefined) socket.destroy()
    else shut(socket, last)
  }

/** Calls once a connection is closed by the other end, with what it did. */
export const onLost = (socket: Socket, lost: (why: string) => void): void => {
  let why: string | undefined
  const tell = (text: string): void => {
    if (why !== undefined) return
    why = text
    lost(text)
  }
  socket.on('error', (error) => tell(`broke the connection (${errorCode(error) ?? error.message})`))
  socket.once('end', () => tell('closed the connection'))
  socket.once('close', () => tell('closed the connection'))
}

/** Connects, and has what comes put where the receiver says. */
export const connectTo = (
  to: { readonly path: string } | { readonly host: string; readonly port: number },
  receiver: Receiver,
): Socket => connect({ ...to, ...TCP, onread: { buffer: () => receiver.target(), callback: (count) => receiver.took(count) } })

export const inletOf = (socket: Socket): Inlet => ({ resume: () => void socket.resume(), end: endOf(socket) })

export const outletOf = (socket: Socket): Outlet => ({
  write: (parts, written) => {
    // What goes wrong closes it, too.
    const done = (error?: Error | null): void => {
      if (error == null) written()
    }
    if (parts.length > 1) socket.cork()
    for (const [i, part] of parts.entries()) socket.write(part, i === parts.length - 1 ? done : undefined)
    if (parts.length > 1) socket.uncork()
  },
  end: endOf(socket),
})

/** Takes what the other end says last: the bytes of a note, when it has ended, or nothing. */
export const newNoteReader = (): { readonly take: (bytes: Uint8Array) => void; readonly note: () => Buffer } => {
  const parts: Uint8Array[] = []
  let length = 0
  return {
    take: (bytes) => {
      length += bytes.length
      if (length <= LONGEST_NOTE) parts.push(bytes)
    },
    note: () => Buffer.concat(parts),
  }
}
