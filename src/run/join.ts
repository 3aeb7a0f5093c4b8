/** How a process joins those that train the same run: they meet, compare what they are about to do, and connect. */
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { ExchangeBroken } from '../base/engineError'
import { type Failure, missing } from '../base/failure'
import { version } from '../base/version'
import type { Cluster } from '../cluster/cluster'
import type { Membership } from '../cluster/environment/membership'
import type { Address } from '../cluster/environment/variables'
import { meet } from '../cluster/meeting'
import { openRing, type Ring } from '../cluster/ring/ring'
import { type OpenStore, openStore } from '../cluster/store'
import type { Opened } from '../program/openPlan'
import { essence } from '../store/changes'
import type { Team } from './team'

/** Several processes that are to train one run, of which this is one. */
export interface Processes {
  readonly membership: Membership
  /** Proves to others that it is one of them. */
  readonly secret: string | undefined
  /** Whether they may talk over public addresses. */
  readonly trusted: boolean
  /** Whether one `ibot launch` has started all of them, and shows what they say. */
  readonly launched: boolean
}

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** What must be the same for all, by the names that messages have for it. */
const comparedValues = ({ design, source, span }: Opened) => ({
  pipeline: hash([essence(design.registry, design.plan), span]),
  data: source.fingerprint,
})

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** The address of this machine in the network through which it reaches another one; nothing is sent. */
const routeTo = async ({ host, port }: Address): Promise<string> => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.connect(port, host)
    await once(socket, 'connect')
    return socket.address().address
  } finally {
    socket.close()
  }
}

/**
 * The address at which the other members reach this one. On many machines their own name means loopback, to themselves alone: then
 * it is the first address of a network.
 */
export const ownAddress = async (
  leader: Address,
  networks: () => NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces,
): Promise<string> => {
  const found = await routeTo(leader)
  if (!isLoopback(found) || leader.host === 'localhost' || isIP(leader.host) !== 0) return found
  const outside = Object.values(networks())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  return outside?.address ?? found
}

/** Seconds that members may take to connect, when all of them are there. */
const CONNECT = 60
/** Seconds that the first step may keep others waiting: kernels are made in it. */
const FIRST = 600
/** Milliseconds in which an exchange breaks off once a member is lost. */
const BREAK = 15_000
/** Milliseconds between two looks at who is waited for. */
const LOOK = 1000

/** Tells all where one member keeps another one waiting for too long in the middle of a step. */
const watchRing = (
  cluster: Cluster,
  { waiting }: Pick<Ring, 'waiting'>,
  timeout: number,
): Pick<Cluster, 'phase'> & { readonly end: () => void } => {
  let [limit, since, longest] = [FIRST, performance.now(), 0]
  let inStep = false
  const timer = setInterval(() => {
    const slow = waiting()
    if (slow === undefined || slow.seconds < limit) return
    clearInterval(timer)
    void cluster.fail(
      `it has waited ${Math.round(slow.seconds)} s for what ${cluster.members[slow.rank]} gives in a step, which is slow, hangs or waits for another one`,
    )()
  }, LOOK)
  timer.unref()
  return {
    phase: (phase) => {
      // Of long steps one member may be behind another by a good part of one.
      if (inStep) longest = Math.max(longest, (performance.now() - since) / 1000)
      since = performance.now()
      inStep = phase === 'step'
      limit = inStep ? Math.max(timeout, longest / 2) : Math.max(FIRST, timeout)
      cluster.phase(phase)
    },
    end: () => clearInterval(timer),
  }
}

/** Members that are connected: by a ring for what they exchange in steps, by a store for what they tell each other besides. */
interface Connected {
  readonly ring: Ring
  readonly store: OpenStore
}

const connected = (cluster: Cluster, { membership: { rank, size, leader } }: Processes): TE.TaskEither<Failure, Connected> => {
  const exchange =
    (name: string) =>
    async (mine: string): Promise<readonly string[]> => {
      const all = await cluster.gather(name, new TextEncoder().encode(mine))()
      if (E.isLeft(all)) throw new ExchangeBroken('the members can no longer reach each other')
      return all.right.map((bytes) => new TextDecoder().decode(bytes))
    }
  const unreachable = (error: unknown): Failure =>
    missing(`cannot reach ${leader.host}: ${String(error)}`, 'See whether the network between the machines is up.')
  return pipe(
    // What the members prove to each other when they connect for what they exchange.
    cluster.gather('the secret of the ring', rank === 0 ? randomBytes(32) : new Uint8Array()),
    TE.map(([secret]) => secret!),
    TE.bindTo('secret'),
    TE.bind('host', () => TE.tryCatch(() => ownAddress(leader), unreachable)),
    TE.bind('store', ({ secret, host }) =>
      TE.tryCatch(
        () =>
          openStore({ rank, host, secret: Buffer.from(secret).toString('hex'), exchange: exchange('the address of the store') }),
        unreachable,
      ),
    ),
    TE.bind('ring', ({ secret, host, store }) =>
      pipe(
        openRing({ rank, size, host, secret, timeoutSeconds: CONNECT, exchange: exchange('addresses in the ring') }),
        TE.orElseFirstIOK(() => store.close),
      ),
    ),
  )
}

export interface JoinOptions {
  readonly notify: (message: string) => void
  readonly signal: AbortSignal | undefined
}

/** Members that have met and are connected, and what closes the connections. */
export interface Joined {
  readonly team: Team
  readonly close: () => void
}

/** Meets the others. All of them are there and are about to do the same when it comes. */
export const join = (opened: Opened, processes: Processes, { notify, signal }: JoinOptions): TE.TaskEither<Failure, Joined> => {
  const { membership, secret, trusted } = processes
  const { timeout } = opened.design.training.meaning
  return pipe(
    meet({
      ...{ membership, version, secret, trusted, signal, note: notify, timeoutSeconds: timeout },
      values: comparedValues(opened),
    }),
    TE.chain((cluster) =>
      pipe(
        connected(cluster, processes),
        TE.orElse((failure) => TE.leftTask(cluster.fail('message' in failure ? failure.message : 'it cannot connect'))),
        TE.map(({ ring, store }): Joined => {
          // Nobody is left waiting for what a lost member would have sent.
          void cluster.failed.then(ring.close)
          const stuck = new AbortController()
          let timer: NodeJS.Timeout | undefined
          void cluster.failed.then((failure) => {
            timer = setTimeout(() => stuck.abort(failure), BREAK).unref()
          })
          const { phase, end } = watchRing(cluster, ring, timeout)
          const allReduce: Ring['allReduce'] = async (values, reduction) => {
            try {
              await ring.allReduce(values, reduction)
            } catch (error) {
              throw new ExchangeBroken(error instanceof Error ? error.message : String(error))
            }
          }
          return {
            team: {
              ...cluster,
              ...{ phase, store: store.store, stuck: stuck.signal },
              collective: { size: membership.size, allReduce },
            },
            close: () => {
              clearTimeout(timer)
              end()
              ring.close()
              store.close()
            },
          }
        }),
      ),
    ),
  )
}
