/** What members reduce together is what one would compute alone, in the same bits everywhere. */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../../src/base/random'
import type { Reduction } from '../../../src/base/reduction'
import { newFlow } from '../../../src/cluster/ring/flow'
import { newKernels, type RingKernels } from '../../../src/cluster/ring/load'
import { arrivals, departures, lastStep, sumSteps } from '../../../src/cluster/ring/plan'
import type { Ring } from '../../../src/cluster/ring/ring'
import { kernelSum, plainSum } from '../../../src/cluster/ring/sum'
import { declaredBy, exportedBy, isUpToDate, RING } from '../../kernels'
import { stale } from '../../stale'
import { apart, bitsOf, exchanges, opened, plainly, SECRET } from './members'

const ROOT = join(__dirname, '..', '..', '..')
const REDUCTIONS = ['mean', 'max'] as const
const SPECIAL = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, 3.4e38, -3.4e38]

/** Values of many sizes, some of which are special. */
const valuesOf = (length: number, seed: number, rank: number): Float32Array => {
  const draw = random(seed, `member ${rank}`)
  return Float32Array.from({ length }, () =>
    draw.integer(50) === 0 ? SPECIAL[draw.integer(SPECIAL.length)]! : draw.between(-1, 1) * 10 ** draw.between(-6, 6),
  )
}

const together = async (rings: readonly Ring[], all: readonly Float32Array[], reduction: Reduction): Promise<void> => {
  await Promise.all(rings.map((ring, rank) => ring.allReduce(all[rank]!, reduction)))
}

const length = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 10_000 }))
const reduction = fc.constantFrom(...REDUCTIONS)

test.each([1, 2, 3, 4, 5])('%i members give what one computes', async (size) => {
  for (const where of [undefined, apart]) {
    const rings = await opened(size, where)
    await fc.assert(
      fc.asyncProperty(length, reduction, fc.nat(), async (count, kind, seed) => {
        const all = rings.map((_, rank) => valuesOf(count, seed, rank))
        const wanted = size === 1 ? all[0]!.slice() : plainly(all, kind)
        await together(rings, all, kind)
        for (const values of all) expect(bitsOf(values)).toEqual(bitsOf(wanted))
        // NaN, too, has the same bits everywhere.
        const bytes = all.map((values) => Buffer.from(values.buffer).toString('base64'))
        expect(new Set(bytes).size).toBe(1)
      }),
      { numRuns: 25 },
    )
    for (const ring of rings) {
      expect(ring.waiting()).toBeUndefined()
      ring.close()
    }
  }
})

test('values of more than a chunk, and views that begin anywhere', async () => {
  const rings = await opened(3)
  for (const kind of REDUCTIONS) {
    const memories = rings.map((_, rank) => valuesOf(1_000_013, 7, rank))
    const all = memories.map((memory, rank) => memory.subarray(rank, rank + 1_000_003))
    const before = memories.map((memory) => memory.slice())
    const wanted = plainly(
      all.map((values) => values.slice()),
      kind,
    )
    await together(rings, all, kind)
    for (const [rank, memory] of memories.entries()) {
      expect(Buffer.from(bitsOf(all[rank]!.slice()).buffer).equals(Buffer.from(bitsOf(wanted).buffer))).toBe(true)
      expect(bitsOf(memory.slice(0, rank))).toEqual(bitsOf(before[rank]!.slice(0, rank)))
      expect(bitsOf(memory.slice(rank + 1_000_003))).toEqual(bitsOf(before[rank]!.slice(rank + 1_000_003)))
    }
  }
  for (const ring of rings) ring.close()
})

test('the mean of equal values is the value', async () => {
  for (const size of [2, 4]) {
    const rings = await opened(size)
    const all = rings.map(() => Float32Array.from([0.1, 1 / 3, 1e-30, 12_345.678]))
    const value = all[0]!.slice()
    await together(rings, all, 'mean')
    for (const values of all) expect(values).toEqual(value)
    for (const ring of rings) ring.close()
  }
})

test('members that have names for addresses, and folders too deep for a socket', async () => {
  const deep = mkdtempSync(join(tmpdir(), `ibot-test-${'x'.repeat(120)}`))
  const before = process.env.TMPDIR
  process.env.TMPDIR = deep
  try {
    const rings = await opened(3, () => ({ host: 'localhost' }))
    const all = rings.map((_, rank) => Float32Array.of(rank, 5 - rank))
    await together(rings, all, 'max')
    for (const values of all) expect([...values]).toEqual([2, 5])
    for (const ring of rings) ring.close()
    expect(readdirSync(deep)).toEqual([])
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    rmSync(deep, { recursive: true })
  }
})

test('several that are asked for at once keep their order', async () => {
  for (const size of [2, 3]) {
    const rings = await opened(size)
    const counts = [5, 300_000, 0, 1, 70_000, 0, 0, 2]
    const all = rings.map((_, rank) => counts.map((count, i) => valuesOf(count, i, rank)))
    const kindOf = (i: number): Reduction => REDUCTIONS[i % 2]!
    const wanted = counts.map((_, i) =>
      plainly(
        all.map((values) => values[i]!),
        kindOf(i),
      ),
    )
    const done: string[] = []
    await Promise.all(
      rings.flatMap((ring, rank) =>
        counts.map(async (_, i) => {
          await ring.allReduce(all[rank]![i]!, kindOf(i))
          done.push(`${rank}: ${i}`)
        }),
      ),
    )
    for (const rank of rings.keys()) {
      expect(done.filter((text) => text.startsWith(`${rank}:`))).toEqual(counts.map((_, i) => `${rank}: ${i}`))
      for (const i of counts.keys())
        expect(Buffer.from(bitsOf(all[rank]![i]!).buffer).equals(Buffer.from(bitsOf(wanted[i]!).buffer)), `${rank}: ${i}`).toBe(
          true,
        )
    }
    for (const ring of rings) ring.close()
  }
})

/** Flows that are joined in this thread: what is written is cut anywhere. */
const joinedFlows = (size: number, chunk: number, cut: () => number) => {
  const flows = Array.from({ length: size }, (_, rank) => newFlow({ rank, size }, () => undefined, chunk))
  const rest: (() => void)[] = []
  for (const [rank, flow] of flows.entries()) {
    const next = flows[(rank + 1) % size]!
    const bytes: { readonly part: Uint8Array; readonly written: () => void }[] = []
    let [at, stopped] = [0, false]
    const deliver = (): void => {
      const [first] = bytes
      if (first === undefined || stopped) return
      const target = next.target()
      const count = Math.min(target.length, first.part.length - at, cut())
      target.set(first.part.subarray(at, at + count))
      at += count
      stopped = !next.took(count)
      if (at === first.part.length) {
        at = 0
        bytes.shift()
        first.written()
      }
    }
    rest.push(deliver)
    flow.sendTo({
      write: (parts, written) => {
        for (const [i, part] of parts.entries()) bytes.push({ part, written: i === parts.length - 1 ? written : () => undefined })
      },
      end: () => undefined,
    })
    next.receiveFrom({
      resume: () => {
        stopped = false
      },
      end: () => undefined,
    })
  }
  return { flows, deliver: rest }
}

test('whatever the chunks, the reads and who is slow', async () => {
  const settings = fc.record({
    size: fc.integer({ min: 2, max: 6 }),
    chunk: fc.integer({ min: 1, max: 9 }),
    counts: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
    seed: fc.nat(),
  })
  await fc.assert(
    fc.asyncProperty(settings, async ({ size, chunk, counts, seed }) => {
      const draw = random(seed, 'reads')
      const { flows, deliver } = joinedFlows(size, chunk, () => 1 + draw.integer(80))
      const all = flows.map((_, rank) => counts.map((count, i) => valuesOf(count, seed + i, rank)))
      const wanted = counts.map((_, i) =>
        plainly(
          all.map((values) => values[i]!),
          REDUCTIONS[i % 2]!,
        ),
      )
      const asks = flows.flatMap((flow, rank) => counts.map((_, i) => ({ flow, rank, i })))
      const promises: Promise<void>[] = []
      const asked = flows.map(() => 0)
      while (promises.length < asks.length) {
        // Each member asks in its order, at its time.
        const rank = draw.integer(size)
        const i = asked[rank]!
        if (i < counts.length) {
          promises.push(flows[rank]!.reduce(all[rank]![i]!, REDUCTIONS[i % 2]!))
          asked[rank] = i + 1
        }
        for (let n = 0; n < 5; n++) deliver[draw.integer(size)]!()
      }
      let left = promises.length
      for (const promise of promises) void promise.then(() => left--)
      for (let n = 0; n < 200_000 && left > 0; n++) {
        deliver[draw.integer(size)]!()
        if (n % 1000 === 0) await new Promise(setImmediate)
      }
      expect(left).toBe(0)
      for (const values of all) expect(values.map(bitsOf)).toEqual(wanted.map(bitsOf))
    }),
    { numRuns: 60 },
  )
})

test('who is waited for is who has not come', async () => {
  const rings = await opened(4)
  expect(rings.map((ring) => ring.waiting())).toEqual([undefined, undefined, undefined, undefined])
  const values = rings.map(() => new Float32Array(4000).fill(1))
  const some = [0, 1, 3].map((rank) => rings[rank]!.allReduce(values[rank]!, 'mean'))
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (const rank of [0, 1, 3]) {
    const waiting = rings[rank]!.waiting()
    expect(waiting?.rank, `member ${rank}`).toBe(2)
    expect(waiting?.seconds).toBeGreaterThan(0.05)
    expect(waiting?.seconds).toBeLessThan(1)
  }
  expect(rings[2]!.waiting()).toBeUndefined()
  await Promise.all([...some, rings[2]!.allReduce(values[2]!, 'mean')])
  for (const ring of rings) ring.close()
})

test('what is sent is what the next one expects', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.nat({ max: 100 }), fc.integer({ min: 1, max: 20 }), (size, count, chunk) => {
      for (let rank = 0; rank < size; rank++) {
        const seat = { rank, size }
        const plan = [...arrivals(seat, count, chunk)]
        const partsOf = (all: readonly { readonly from: number; readonly to: number }[]) => all.map(({ from, to }) => [from, to])
        // First the own segment, then all that came but in the last step.
        const sent = [...departures(seat, count, chunk), ...partsOf(plan.filter(({ step }) => step < lastStep(seat)))]
        expect(partsOf([...arrivals({ rank: (rank + 1) % size, size }, count, chunk)])).toEqual(sent)
        // Every value but those of the own segment is summed here once, or comes finished, and so does each in the end.
        const summed = plan.filter(({ step }) => step < sumSteps(seat)).reduce((sum, { from, to }) => sum + to - from, 0)
        const own = departures(seat, count, chunk).reduce((sum, [from, to]) => sum + to - from, 0)
        expect(summed).toBe(count - own)
      }
    }),
  )
})

test('the kernels give what the functions do, in every bit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20_000 }),
      fc.nat(),
      fc.constantFrom(1, 2, 3, 5, 7),
      reduction,
      (count, seed, by, kind) => {
        const [values, others] = [valuesOf(count, seed, 0), valuesOf(count, seed, 1)]
        const results = [kernelSum(20_000), plainSum(20_000)].map((sum) => {
          sum.others.set(new Uint8Array(others.buffer))
          const result = values.slice()
          sum.take(result, kind, by)
          return bitsOf(result)
        })
        expect(results[0]).toEqual(results[1])
      },
    ),
    { numRuns: 25 },
  )
})

test('src/cluster/ring/binary.ts is up to date, and called with what assembly/ring.ts takes', () => {
  expect(isUpToDate(RING), stale(RING.binary)).toBe(true)
  const exported = exportedBy(readFileSync(join(ROOT, RING.source), 'utf8'))
  expect(exported.length).toBe(3)
  expect(declaredBy(readFileSync(join(ROOT, 'src', 'cluster', 'ring', 'load.ts'), 'utf8'))).toEqual(exported)
  const { run } = newKernels()
  for (const text of exported) expect(run[text.replace(/\(.*/, '') as keyof RingKernels].length).toBe(text.split(',').length)
})

test('two processes, and nothing is left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-test-'))
  const sums = await new Promise<readonly string[]>((resolve, reject) => {
    const results: string[] = []
    const exchange = exchanges(2)
    for (const rank of [0, 1]) {
      const child = fork(join(__dirname, 'child.ts'), [String(rank), '2', Buffer.from(SECRET).toString('hex')], {
        execArgv: ['--import', 'tsx'],
        env: { ...process.env, TMPDIR: folder },
      })
      child.on('message', async (message: { readonly mine?: string; readonly sum?: string }) => {
        if (message.mine !== undefined) child.send({ all: await exchange(rank)(message.mine) })
        if (message.sum !== undefined) results[rank] = message.sum
      })
      // It ends by itself: no handle keeps it.
      child.on('exit', (code) => {
        if (code !== 0) reject(new Error(`member ${rank} ended with ${code}`))
        else if (results.filter((sum) => sum !== undefined).length === 2) resolve(results)
      })
    }
  })
  const all = [0, 1].map((rank) => Float32Array.from({ length: 500_001 }, (_, i) => Math.sin(i) + rank))
  const wanted = createHash('sha256')
    .update(new Uint8Array(plainly(all, 'mean').buffer))
    .digest('hex')
  expect(sums).toEqual([wanted, wanted])
  expect(readdirSync(folder).filter((name) => name.startsWith('ibot-ring-'))).toEqual([])
  rmSync(folder, { recursive: true })
})
