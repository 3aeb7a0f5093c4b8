/** Whatever happens to a connection or a member, everyone who waits is told, and soon. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterEach, expect, test } from 'vitest'
import type { Failure } from '../../src/base/failure'
import type { Cluster } from '../../src/cluster/cluster'
import { encodeFrame } from '../../src/cluster/frames'
import { freePort, leave, member, members, messageOf, right } from './members'

interface Wire {
  readonly port: number
  /** Cuts all that goes through, or lets nothing through any more. */
  readonly cut: () => void
  readonly block: () => void
}
const wires: { readonly server: Server; readonly sockets: readonly Socket[] }[] = []
afterEach(() => {
  for (const { server, sockets } of wires.splice(0)) {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
})

/** A network between a member and member 0. */
const wireTo = async (to: number): Promise<Wire> => {
  const port = await freePort()
  const sockets: Socket[] = []
  const server = createServer((one) => {
    const other = connect(to, '127.0.0.1')
    sockets.push(one, other)
    one.pipe(other)
    other.pipe(one)
    for (const socket of [one, other]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  wires.push({ server, sockets })
  return {
    port,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    block: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
  }
}

const wired = async (): Promise<{ readonly clusters: readonly Cluster[]; readonly wire: Wire }> => {
  const port = await freePort()
  const leading = member(0, 3, port, { timeoutSeconds: 1 })
  const second = member(1, 3, port, { timeoutSeconds: 1 })
  const wire = await wireTo(port)
  const third = member(2, 3, wire.port, { timeoutSeconds: 1 })
  return { clusters: (await Promise.all([leading, second, third])).map(right), wire }
}
const failuresOf = (clusters: readonly Cluster[]): Promise<readonly string[]> =>
  Promise.all(clusters.map(async ({ failed }) => messageOf(E.left(await failed))))

test('a connection that is cut is told on both of its sides, and to the others', async () => {
  const { clusters, wire } = await wired()
  wire.cut()
  const closed = /was killed or its machine is gone: its connection closed in phase 'preparing'$/
  const told = await failuresOf(clusters)
  expect(told).toEqual(Array(3).fill(expect.stringMatching(closed)))
  expect(told.map((text) => text.slice(0, 8))).toEqual(['member 2', 'member 2', 'member 0'])
})

test('a network through which nothing comes any more is told on both of its sides, within the time-out', async () => {
  const { clusters, wire } = await wired()
  const began = performance.now()
  wire.block()
  const silent = /hangs: nothing was heard of it for 1 s, last in phase 'preparing'$/
  const told = await failuresOf(clusters)
  expect(told).toEqual(Array(3).fill(expect.stringMatching(silent)))
  expect(told.map((text) => text.slice(0, 8))).toEqual(['member 2', 'member 2', 'member 0'])
  // The last word to who can't be reached is given a second to go out.
  expect(performance.now() - began).toBeLessThan(3500)
})

test('while not all are there, a connection that is cut is made again', async () => {
  const port = await freePort()
  const leading = member(0, 3, port)
  const wire = await wireTo(port)
  const second = member(1, 3, wire.port)
  await new Promise((resolve) => setTimeout(resolve, 300))
  wire.cut()
  const third = member(2, 3, port)
  await leave((await Promise.all([leading, second, third])).map(right))
})

/** What a member does at each of its points. */
const acts = fc.array(fc.array(fc.constantFrom('agree', 'gather', 'fail', 'phase', 'skip'), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
})

test('whatever members do, in whatever order, each of them comes to an end, and to the same one', async () => {
  const perform = async (one: Cluster, list: readonly string[]): Promise<Failure | 'left'> => {
    for (const [i, act] of list.entries()) {
      if (act === 'phase') one.phase('step')
      if (act === 'skip') await new Promise((resolve) => setTimeout(resolve, 2))
      if (act === 'fail') return one.fail('it wants to')()
      const done =
        act === 'agree' ? await one.agree(i, act)() : act === 'gather' ? await one.gather(`${i}`, Uint8Array.of(i))() : E.right(0)
      if (E.isLeft(done)) return done.left
    }
    const done = await one.leave()
    return E.isLeft(done) ? done.left : 'left'
  }
  await fc.assert(
    fc.asyncProperty(acts, async (lists) => {
      const clusters = await members(lists.length)
      const ends = await Promise.all(clusters.map((one, i) => perform(one, lists[i]!)))
      expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1)
      const waits = (list: readonly string[]) =>
        list.flatMap((act, i) => (['agree', 'gather', 'fail'].includes(act) ? [`${act} ${i}`] : []))
      const same = lists.every((list) => JSON.stringify(waits(list)) === JSON.stringify(waits(lists[0]!)))
      expect(ends[0] === 'left').toBe(same && !lists.flat().includes('fail'))
    }),
    { numRuns: 40 },
  )
})

test('who answers at the port of member 0 without knowing the secret is not believed', async () => {
  const port = await freePort()
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
    for (const message of [{ kind: 'taken' }, { kind: 'together', names: ['member 0'] }]) socket.write(encodeFrame(message))
  }).listen(port, '127.0.0.1')
  wires.push({ server, sockets })
  expect(messageOf(await member(1, 2, port, { secret: 'x', joinSeconds: 0.3 }))).toMatch(/what answers there is no member$/)
})

test('a member whose lost connection nobody has closed comes again in its own place', async () => {
  const port = await freePort()
  const leading = member(0, 3, port)
  const wire = await wireTo(port)
  const second = member(1, 3, wire.port, { timeoutSeconds: 0.3 })
  await new Promise((resolve) => setTimeout(resolve, 200))
  wire.block()
  await new Promise((resolve) => setTimeout(resolve, 1900))
  const third = member(2, 3, port)
  await leave((await Promise.all([leading, second, third])).map(right))
})
