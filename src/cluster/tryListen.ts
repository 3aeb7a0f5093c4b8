/** A server that listens, or why it can't. */
import type { ListenOptions, Server } from 'node:net'

/** The error, or undefined once it listens. */
export const tryListen = (server: Server, options: ListenOptions): Promise<unknown> =>
  new Promise((resolve) => {
    const failed = (error: unknown): void => resolve(error)
    server.once('error', failed).listen(options, () => {
      // What goes wrong later is of one connection, and closes that.
      server.off('error', failed).on('error', () => undefined)
      resolve(undefined)
    })
  })
