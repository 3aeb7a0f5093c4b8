/** Where a member of a ring listens, as it tells the others. */
import { hostname } from 'node:os'
import { attempt } from '../../base/attempt'
import { bootOf } from '../../base/holder'

export interface Address {
  readonly host: string
  readonly port: number
  /** Which machine it is on; those of one machine may meet at `path`. */
  readonly machine: string
  /** Its unix domain socket, where it has one. */
  readonly path?: string | undefined
}

/** What tells this machine from others, as well as it can be told: two that seem the same don't find each other's sockets. */
export const thisMachine = (): string => `${hostname()} ${attempt(bootOf) ?? process.platform}`

export const encodeAddress = (address: Address): string => JSON.stringify(address)

/** Undefined for a text that no member gave. */
export const decodeAddress = (text: string): Address | undefined =>
  attempt(() => {
    const { host, port, machine, path } = JSON.parse(text) as Partial<Readonly<Record<string, unknown>>>
    const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
    return typeof host === 'string' && isPort && typeof machine === 'string' && (path === undefined || typeof path === 'string')
      ? { host, port, machine, path }
      : undefined
  })

/** Where to connect, the best first. */
export const waysTo = (
  { host, port, machine, path }: Address,
  here: string,
): readonly ({ readonly path: string } | { readonly host: string; readonly port: number })[] => [
  ...(path !== undefined && machine === here ? [{ path }] : []),
  { host, port },
]
