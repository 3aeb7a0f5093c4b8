/**
 * `ring.ts SETUP`: two processes that reduce values together, as one array or in buckets, or copy as many bytes to each other by one
 * connection, which is what any reduction of two members must move. The first starts the second.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, Socket, type SocketConstructorOpts } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { openRing, type Ring } from '../../src/cluster/ring/ring'
import type { RingSetup } from '../ringSetup'
import { answer } from './answer'

const setup = JSON.parse(process.argv[2]!) as RingSetup
const FLOAT = 4
/** Bytes of a write, and of a read at most. */
const PIECE = 1 << 20
/** Writes under way. */
const WRITES = 2

/** What the two processes tell each other. */
interface Told {
  readonly address?: string
  readonly bound?: number | string
  readonly go?: Work
  readonly seconds?: number
}
type Work = 'whole' | 'buckets' | 'copy'

interface Peer {
  readonly tell: (told: Told) => void
  /** What the other one tells of a kind, once it has. */
  readonly hear: <K extends keyof Told>(key: K) => Promise<NonNullable<Told[K]>>
}

const peerOf = (tell: Peer['tell'], onTold: (hear: (told: Told) => void) => void): Peer => {
  const heard: Told[] = []
  let wake = (): void => undefined
  onTold((told) => {
    heard.push(told)
    wake()
  })
  return {
    tell,
    hear: async (key) => {
      for (;;) {
        const at = heard.findIndex((told) => told[key] !== undefined)
        if (at >= 0) return heard.splice(at, 1)[0]![key]!
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** Sends so many bytes while as many come. */
type Copy = (bytes: Uint8Array) => Promise<void>

/** A connection that receives into one buffer, at whichever of its ends. */
const copying = (make: (onread: { buffer: Uint8Array; callback: (count: number) => boolean }) => Socket): Copy => {
  let [got, wanted, done] = [0, Number.POSITIVE_INFINITY, (): void => undefined]
  const check = (): void => {
    if (got < wanted) return
    got -= wanted
    wanted = Number.POSITIVE_INFINITY
    done()
  }
  const socket = make({
    buffer: Buffer.allocUnsafeSlow(PIECE),
    callback: (count) => {
      got += count
      check()
      return true
    },
  })
  socket.setNoDelay(true).on('error', () => process.exit(1))
  return async (bytes) => {
    const received = new Promise<void>((resolve) => {
      done = resolve
      wanted = bytes.length
      check()
    })
    const sent = new Promise<void>((resolve) => {
      let [at, writes] = [0, 0]
      const pump = (): void => {
        while (at < bytes.length && writes < WRITES) {
          writes++
          socket.write(bytes.subarray(at, at + PIECE), () => {
            writes--
            pump()
          })
          at += PIECE
        }
        if (writes === 0) resolve()
      }
      pump()
    })
    await Promise.all([received, sent])
  }
}

/** Both ends of the connection that bounds what can be reached: the fastest that Node.js has, by what isn't its public interface. */
const openCopy = async (peer: Peer, isFirst: boolean): Promise<Copy> => {
  if (!isFirst) {
    const at = await peer.hear('bound')
    return copying((onread) => connect({ ...(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : { path: at }), onread }))
  }
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  const server = createServer({ pauseOnConnect: true })
  const at = setup.over === 'tcp' ? { port: 0, host: '127.0.0.1' } : { path: join(folder, 's') }
  await new Promise<void>((resolve) => void server.listen(at, resolve))
  peer.tell({ bound: at.path ?? (server.address() as AddressInfo).port })
  const accepted = await new Promise<Socket>((resolve) => void server.once('connection', resolve))
  server.close(() => rmSync(folder, { recursive: true, force: true }))
  const inner = accepted as unknown as { _handle: { reading: boolean } | null }
  const handle = inner._handle!
  handle.reading = false
  inner._handle = null
  const taken = (onread: object): SocketConstructorOpts => ({ ...{ handle }, onread }) as SocketConstructorOpts
  return copying((onread) => new Socket(taken(onread)).resume())
}

const newWork = async (peer: Peer, isFirst: boolean): Promise<(work: Work) => Promise<number>> => {
  const rank = isFirst ? 0 : 1
  const opened = await openRing({
    ...{ rank, size: 2, secret: new Uint8Array(32), host: '127.0.0.1', timeoutSeconds: 30 },
    ...(setup.over === 'tcp' ? { machine: `machine ${rank}` } : {}),
    exchange: async (mine) => {
      peer.tell({ address: mine })
      const theirs = await peer.hear('address')
      return isFirst ? [mine, theirs] : [theirs, mine]
    },
  })()
  if (E.isLeft(opened)) throw new Error(failureText(opened.left))
  const ring: Ring = opened.right
  const copy = await openCopy(peer, isFirst)
  const values = Float32Array.from({ length: setup.values }, (_, i) => ((i * (rank + 3)) % 1009) * 0.37)
  const bytes = new Uint8Array(values.buffer)
  const bucket = Math.ceil(setup.values / setup.buckets)
  const buckets = Array.from({ length: setup.buckets }, (_, i) => values.subarray(i * bucket, (i + 1) * bucket))
  const works: Readonly<Record<Work, () => Promise<unknown>>> = {
    whole: () => ring.allReduce(values, 'mean'),
    buckets: () => Promise.all(buckets.map((part) => ring.allReduce(part, 'mean'))),
    copy: () => copy(bytes),
  }
  const together = new Float32Array(1)
  return async (work) => {
    await ring.allReduce(together, 'max')
    const began = performance.now()
    await works[work]()
    return (performance.now() - began) / 1000
  }
}

const first = () =>
  answer(async () => {
    const child = fork(__filename, process.argv.slice(2), {
      execArgv: process.execArgv,
      env: { ...process.env, RING_SECOND: 'yes' },
    })
    child.on('exit', () => process.exit(1))
    const peer = peerOf(
      (told) => void child.send(told),
      (hear) => void child.on('message', hear),
    )
    const run = await newWork(peer, true)
    const command = (work: Work) => async () => {
      peer.tell({ go: work })
      const [mine, theirs] = await Promise.all([run(work), peer.hear('seconds')])
      return { seconds: Math.max(mine, theirs) }
    }
    return {
      ready: { ready: FLOAT * setup.values },
      commands: { whole: command('whole'), buckets: command('buckets'), copy: command('copy') },
    }
  })

/** Does what the first one says until that has gone. */
const second = async (): Promise<void> => {
  process.on('disconnect', () => process.exit(0))
  const peer = peerOf(
    (told) => void process.send!(told),
    (hear) => void process.on('message', (told: Told) => hear(told)),
  )
  const run = await newWork(peer, false)
  for (;;) peer.tell({ seconds: await run(await peer.hear('go')) })
}

void (process.env.RING_SECOND === undefined ? first() : second())
