/** What members say when one of them is gone or does something else: soon, in words, naming the same one; and nothing stays open. */
import { fork } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { failureText } from '../../../src/cli/failureText'
import { decodeAddress, encodeAddress, thisMachine } from '../../../src/cluster/ring/address'
import { addressOf, openDoors } from '../../../src/cluster/ring/doors'
import type { Flow, Inlet, Outlet } from '../../../src/cluster/ring/flow'
import { encodeRequest } from '../../../src/cluster/ring/header'
import { openRing, type Ring, RingBroken, type RingOptions } from '../../../src/cluster/ring/ring'
import { visit } from '../../../src/cluster/ring/visit'
import { apart, exchanges, opened, opening, SECRET } from './members'

const SOON = 2000

/** Sockets and servers that are open, and timers. */
const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|Timeout/.test(name) && name !== 'PipeConnectWrap').length

let before = 0
beforeEach(() => {
  before = handles()
})
afterEach(async () => {
  for (let waited = 0; handles() > before && waited < SOON; waited += 50) await sleep(50)
  expect(handles()).toBeLessThanOrEqual(before)
})

/** What a reduction is rejected with, within a time. */
const brokenBy = async (reduction: Promise<void>): Promise<RingBroken> => {
  const began = performance.now()
  const error: unknown = await reduction.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(performance.now() - began).toBeLessThan(SOON)
  if (!(error instanceof RingBroken)) throw new Error(`it was not broken: ${error}`)
  return error
}
const zeros = (length: number): Float32Array => new Float32Array(length)
const closeAll = (rings: readonly Ring[]): void => {
  for (const ring of rings) ring.close()
}

test.each([2, 3, 5])('of %i members one asks for another length, or for something else', async (size) => {
  for (const [odd, why] of [
    [
      { length: 6, kind: 'mean' },
      'asks for the mean of 6 values each as reduction 2, but member 0 for the mean of 5 values each',
    ],
    [
      { length: 5, kind: 'max' },
      'asks for the largest of 5 values each as reduction 2, but member 0 for the mean of 5 values each',
    ],
  ] as const) {
    const rings = await opened(size, size === 3 ? apart : undefined)
    await Promise.all(rings.map((ring) => ring.allReduce(zeros(1), 'max')))
    const last = size - 1
    const errors = await Promise.all(
      rings.map((ring, rank) =>
        brokenBy(rank === last ? ring.allReduce(zeros(odd.length), odd.kind) : ring.allReduce(zeros(5), 'mean')),
      ),
    )
    // Each end of the quarrel may be heard first.
    for (const { message } of errors) expect(message).toMatch(/^member \d asks for the .* but member \d for the /)
    expect(errors[0]!.message).toContain(`member ${last} ${why}`)
    for (const ring of rings) expect((await brokenBy(ring.allReduce(zeros(1), 'mean'))).message).toMatch(/asks for the/)
    closeAll(rings)
  }
})

test('large arrays of different lengths', async () => {
  const rings = await opened(3)
  const errors = await Promise.all(
    rings.map((ring, rank) => brokenBy(ring.allReduce(zeros(rank === 1 ? 3_000_000 : 4_000_000), 'mean'))),
  )
  for (const { message } of errors) expect(message).toMatch(/^member \d asks for the .* but member \d for the /)
  closeAll(rings)
})

test.each([2, 3, 5])('of %i members one closes while others wait', async (size) => {
  for (const where of [undefined, apart]) {
    const rings = await opened(size, where)
    await Promise.all(rings.map((ring) => ring.allReduce(zeros(10), 'mean')))
    const others = rings.slice(0, -1).map((ring) => brokenBy(ring.allReduce(zeros(2_000_000), 'mean')))
    await sleep(20)
    rings.at(-1)!.close()
    for (const { rank, message } of await Promise.all(others)) {
      expect(rank).toBe(size - 1)
      expect(message).toMatch(/^member \d (closed|broke) the connection/)
    }
    closeAll(rings)
  }
})

test('one closes in the middle of a reduction', async () => {
  const rings = await opened(4)
  const reductions = rings.map((ring) => brokenBy(ring.allReduce(zeros(8_000_000), 'mean')))
  await sleep(5)
  rings[1]!.close()
  for (const { message } of await Promise.all(reductions)) expect(message).toBe('member 1 closed the ring')
  closeAll(rings)
})

test('one that has closed is missed by what is asked for afterwards, not by what is done', async () => {
  for (let turn = 0; turn < 20; turn++) {
    const rings = await opened(3)
    await Promise.all(
      rings.map(async (ring, rank) => {
        await ring.allReduce(zeros(100_000), 'mean')
        if (rank === turn % 3) ring.close()
      }),
    )
    const left = rings.filter((_, rank) => rank !== turn % 3)
    for (const { rank } of await Promise.all(left.map((ring) => brokenBy(ring.allReduce(zeros(3), 'mean')))))
      expect(rank).toBe(turn % 3)
    expect((await brokenBy(rings[turn % 3]!.allReduce(zeros(3), 'mean'))).message).toMatch(/closed the ring/)
    closeAll(rings)
  }
})

/** A member that has the secret, and then sends whatever it likes. What others say it doesn't pass on. */
interface Impostor {
  readonly send: Outlet['write']
  readonly vanish: () => void
}
const impostor = async (options: RingOptions): Promise<Impostor> => {
  let [inlet, outlet]: [Inlet | undefined, Outlet | undefined] = [undefined, undefined]
  let entered: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    entered = resolve
  })
  const discard = new Uint8Array(1024)
  const flow: Flow = {
    ...{
      target: () => discard,
      took: () => true,
      reduce: async () => undefined,
      waiting: () => undefined,
      close: () => undefined,
    },
    ...{ fail: () => undefined, lost: () => vanish() },
    receiveFrom: (way) => {
      inlet = way
    },
    sendTo: (way) => {
      outlet = way
    },
  }
  const vanish = (): void => {
    inlet?.end()
    outlet?.end()
  }
  const all = { ...options, machine: thisMachine(), flow, entered, welcomed: () => undefined }
  const doors = await openDoors(all)
  if (E.isLeft(doors)) throw new Error('no doors')
  const texts = await options.exchange(encodeAddress(addressOf(doors.right, all)))
  visit(decodeAddress(texts[(options.rank + options.size - 1) % options.size]!)!, all)
  await ready
  doors.right.close()
  return { send: outlet!.write, vanish }
}
const withImpostor = async (size: number): Promise<{ readonly rings: readonly Ring[]; readonly rogue: Impostor }> => {
  const exchange = exchanges(size)
  const optionsOf = (rank: number): RingOptions => ({
    ...{ rank, size, secret: SECRET, host: '127.0.0.1', exchange: exchange(rank), timeoutSeconds: 20 },
  })
  const [rogue, ...rings] = await Promise.all([
    impostor(optionsOf(size - 1)),
    ...Array.from({ length: size - 1 }, (_, rank) => openRing(optionsOf(rank))()),
  ])
  return {
    rogue: rogue!,
    rings: rings.map((ring) => {
      if (E.isLeft(ring)) throw new Error(failureText(ring.left))
      return ring.right
    }),
  }
}

test('a member that sends garbage, at once or in the middle', async () => {
  for (const bytes of [
    [Buffer.alloc(1000, 'x')],
    [encodeRequest({ reduction: 'mean', sequence: 9, length: 7 })],
    [Buffer.concat([encodeRequest({ reduction: 'mean', sequence: 1, length: 5 }), Buffer.alloc(2000, 1)])],
    [Buffer.from('GET / HTTP/1.1\r\n\r\n\r\n\r\n\r\n\r\n')],
  ]) {
    const { rings, rogue } = await withImpostor(3)
    rogue.send(bytes, () => undefined)
    const errors = await Promise.all(
      rings.map((ring) =>
        brokenBy(
          (async () => {
            await ring.allReduce(zeros(5), 'mean')
            await ring.allReduce(zeros(5), 'mean')
          })(),
        ),
      ),
    )
    // Who receives it says what it is; to others the member may seem to be gone, or who received it.
    expect(errors[0]!.message).toMatch(/^member 2 (sent bytes that no member sends|asks for the mean of 7)/)
    expect(errors[1]!.message).toMatch(/^member (2 (sent|asks|closed|broke)|0 closed)/)
    closeAll(rings)
  }
})

test('a member that vanishes in the middle', async () => {
  const { rings, rogue } = await withImpostor(3)
  const reductions = rings.map((ring) => brokenBy(ring.allReduce(zeros(1_000_000), 'mean')))
  rogue.send([encodeRequest({ reduction: 'mean', sequence: 1, length: 1_000_000 }), Buffer.alloc(50_000)], () => rogue.vanish())
  for (const { rank } of await Promise.all(reductions)) expect(rank).toBe(2)
  closeAll(rings)
})

test.each([2, 3, 5])('of %i members one has another secret', async (size) => {
  const began = performance.now()
  const results = await opening(size, (rank) => (rank === 1 ? { secret: new Uint8Array(3) } : {}))
  expect(performance.now() - began).toBeLessThan(SOON)
  const texts = results.map((result) => (E.isLeft(result) ? failureText(result.left) : 'opened'))
  // Where it isn't told, all ways were gone already.
  for (const text of texts) expect(text).toMatch(/the members could not connect: member \d/)
  expect(texts.filter((text) => text.includes('knows another secret than member')).length).toBeGreaterThanOrEqual(2)
})

test('a process that is killed', async () => {
  const exchange = exchanges(2)
  const child = fork(join(__dirname, 'child.ts'), ['1', '2', Buffer.from(SECRET).toString('hex')], {
    execArgv: ['--import', 'tsx'],
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.on('message', async ({ mine }: { readonly mine: string }) => child.send({ all: await exchange(1)(mine) }))
  const options = { rank: 0, size: 2, secret: SECRET, host: '127.0.0.1', exchange: exchange(0), timeoutSeconds: 20 }
  const ring = await openRing(options)()
  if (E.isLeft(ring)) throw new Error(failureText(ring.left))
  // The child sends already, and waits.
  await sleep(100)
  child.kill('SIGKILL')
  await gone
  const { rank, message } = await brokenBy(ring.right.allReduce(zeros(500_001), 'mean'))
  expect(rank, message).toBe(1)
  ring.right.close()
})

test('many strangers keep nobody out', async () => {
  const exchange = exchanges(2)
  const crowd: Socket[] = []
  const rings = await opened(2, (rank) => ({
    ...apart(rank),
    exchange: async (mine) => {
      const { port } = JSON.parse(mine) as { readonly port: number }
      for (let i = 0; i < 100; i++) crowd.push(connect({ port, host: '127.0.0.1' }).on('error', () => undefined))
      await sleep(50)
      return exchange(rank)(mine)
    },
  }))
  await Promise.all(rings.map((ring) => ring.allReduce(zeros(5), 'mean')))
  closeAll(rings)
  for (const socket of crowd) socket.destroy()
})

test('strangers are turned away, and the members meet all the same', async () => {
  const exchange = exchanges(3)
  const knock = (text: string): void => {
    const { port } = JSON.parse(text) as { readonly port: number }
    for (const words of ['GET / HTTP/1.1\r\n\r\n', Buffer.alloc(5000, 7), ''])
      connect({ port, host: '127.0.0.1' })
        .on('error', () => undefined)
        .resume()
        .end(words)
  }
  const rings = await opened(3, (rank) => ({
    ...apart(rank),
    exchange: async (mine) => {
      knock(mine)
      const all = await exchange(rank)(mine)
      await sleep(50)
      return all
    },
  }))
  await Promise.all(rings.map((ring) => ring.allReduce(zeros(5), 'mean')))
  closeAll(rings)
})

test('a member that never comes, one that tells nothing, an address that is none', async () => {
  const began = performance.now()
  // Each is told of its own doors only: it can't be the member before itself.
  const late = await opening(3, () => ({ timeoutSeconds: 0.3, exchange: async (mine) => [mine, mine, mine] }))
  for (const result of late) expect(E.isLeft(result) ? failureText(result.left) : 'opened').toMatch(/member \d/)
  const silent = await opening(2, () => ({ exchange: async () => [] }))
  for (const result of silent) expect(E.isLeft(result) ? failureText(result.left) : 'opened').toMatch(/did not tell its address/)
  const nowhere = await opening(2, () => ({ host: '203.0.113.7' }))
  for (const result of nowhere)
    expect(E.isLeft(result) ? failureText(result.left) : 'opened').toMatch(/can't listen at 203\.0\.113\.7 \(EADDRNOTAVAIL\)/)
  const torn = await opening(2, () => ({ exchange: () => Promise.reject(new Error('torn')) }))
  for (const result of torn) expect(E.isLeft(result) ? result.left._tag : 'opened').toBe('Defect')
  expect(performance.now() - began).toBeLessThan(2 * SOON)
})
