/** TCP connections as ways to members. */
import type { Socket } from 'node:net'
import { encodeFrame, type Frame, type Limits, newDecoder } from './frames'
import type { Link } from './link'

/** After so long, in milliseconds, a connection that was to be closed is cut off, whatever the other side does. */
const GRACE = 1000

/** Lets what was sent go out, and closes. Once is enough. */
export const shut = (socket: Socket): void => {
  if (socket.destroyed || socket.writableEnded) return
  // What still comes is thrown away: unread, it would have the system cut off what goes out.
  socket.removeAllListeners('data').resume()
  socket.end()
  const cut = setTimeout(() => socket.destroy(), GRACE)
  socket.once('close', () => clearTimeout(cut))
}

export const linkOver = (socket: Socket): Link => ({
  send: (message, body) => {
    if (socket.writable) socket.write(encodeFrame(message, body))
  },
  close: () => shut(socket),
})

/** Reads frames of a connection until `hear` gives a reason against it, which `away` is told. */
export const readFrames = (
  socket: Socket,
  limits: () => Limits,
  hear: (frame: Frame) => string | undefined,
  away: (why: string) => void,
): void => {
  let why: string | undefined
  const decode = newDecoder(limits, (frame) => {
    if (why === undefined && !socket.destroyed) why = hear(frame)
  })
  socket.setNoDelay(true)
  // What goes wrong closes it, too.
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    const found = decode(chunk) ?? why
    if (found === undefined) return
    socket.removeAllListeners('data')
    away(found)
  })
}

/** Comes once a connection is closed, or was given time for it. */
export const closedIn = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
