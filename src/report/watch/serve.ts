/** Serves the page of a run that is watched on this machine alone, until a signal. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { answerTo } from './answer'
import type { Watched } from './watched'

/** Nothing but this machine reaches it. */
const LOOPBACK = '127.0.0.1'

export interface Served {
  readonly url: string
  /** Comes when the signal has ended it. */
  readonly ended: Promise<void>
}

const cannotListen = (port: number, { code, message }: NodeJS.ErrnoException): Failure => {
  const why = code === 'EADDRINUSE' ? 'another program uses it' : code === 'EACCES' ? "it isn't allowed to this user" : message
  return missing(`cannot serve on port ${port}: ${why}`, "Name another one, or leave '--port' out for one that is free.")
}

const closed = (server: Server, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const close = (): void => {
      server.close(() => resolve())
      server.closeAllConnections()
    }
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
  })

/** Serves on a port, 0 for one that is free. */
export const serve =
  (watched: Watched, port: number, signal: AbortSignal): TE.TaskEither<Failure, Served> =>
  () =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', (error) => resolve(E.left(cannotListen(port, error))))
      server.listen(port, LOOPBACK, () => {
        const { port: own } = server.address() as AddressInfo
        const answer = answerTo(watched, own)
        server.on('request', ({ method, url, headers: { host } }, response) => {
          void answer({ method, url, host })
            .catch(() => ({ status: 500, headers: {}, body: '' }))
            .then(({ status, headers, body }) => response.writeHead(status, headers).end(method === 'HEAD' ? '' : body))
        })
        resolve(E.right({ url: `http://${LOOPBACK}:${own}/`, ended: closed(server, signal) }))
      })
    })
