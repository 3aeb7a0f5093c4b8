/** What is sent beside a run: in which portions, what is dropped where too much waits, and that nobody waits for it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as E from 'fp-ts/Either'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { deliver, LAST } from '../../src/log/delivery'
import { ask } from '../../src/log/http'
import type { Connection, Logger, Obstacle, Point } from '../../src/log/logger'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const END = { state: 'finished', exit: 0 } as const
const BUSY: Obstacle = { message: 'it is busy', remedy: 'Wait.', again: 'later' }

const point = (step: number, numbers: Point['numbers'] = { loss: 1 / step }): Point => ({ step, time: step, numbers })

/** A logger that keeps what it is sent, as long as `obstacle` gives nothing. */
const keeping = (obstacle: () => Obstacle | undefined = () => undefined) => {
  const batches: (readonly Point[])[] = []
  const ends: unknown[] = []
  const notes: string[] = []
  const said = (work: () => void): E.Either<Obstacle, void> => {
    const why = obstacle()
    return why === undefined ? E.right(work()) : E.left(why)
  }
  const connection: Connection = {
    page: 'http://page',
    send: async (points) => said(() => batches.push(points)),
    mark: async () => said(() => undefined),
    end: async (end) => said(() => ends.push(end)),
  }
  const logger: Logger = { title: 'Keeper', every: 1, open: async () => E.right(connection) }
  const delivery = deliver({
    logger,
    run: { name: 'run', group: undefined, config: {}, facts: {} },
    memory: { known: undefined, keep: async () => undefined },
    surroundings: { env: {}, home: '/' },
    notify: (note) => notes.push(note),
  })
  return { delivery, batches, ends, notes, steps: () => batches.flat().map(({ step }) => step) }
}

test('a step is sent as a whole: its points wait for the next step, or the end', async () => {
  const { delivery, batches, ends, steps } = keeping()
  delivery.add(point(1))
  delivery.add(point(2))
  await vi.advanceTimersByTimeAsync(1000)
  expect(steps()).toEqual([1])
  delivery.add(point(2, { 'knn.accuracy': 0.5 }), true)
  await vi.advanceTimersByTimeAsync(5000)
  expect(steps()).toEqual([1])
  delivery.add(point(3))
  await vi.advanceTimersByTimeAsync(1000)
  expect(steps()).toEqual([1, 2, 2])
  await delivery.close(END)
  expect(batches.map((batch) => batch.length)).toEqual([1, 2, 1])
  expect(ends).toEqual([END])
})

test('a long stretch goes in portions of whole steps', async () => {
  const { delivery, batches } = keeping()
  for (let step = 1; step <= 700; step++) for (const name of ['a', 'b', 'c']) delivery.add(point(step, { [name]: step }))
  await delivery.close(END)
  expect(batches.map((batch) => batch.length)).toEqual([498, 498, 498, 498, 108])
})

test('a server that is busy for a while gets all of it, in order', async () => {
  let busy = 3
  const { delivery, steps, notes } = keeping(() => (busy-- > 0 ? BUSY : undefined))
  for (let step = 1; step <= 10; step++) delivery.add(point(step))
  await vi.advanceTimersByTimeAsync(20_000)
  await delivery.close(END)
  expect(steps()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(notes).toEqual([
    'logged to Keeper: http://page',
    'nothing reaches Keeper; the run goes on, and what is to be logged waits: it is busy. Wait.',
  ])
})

test('where too much waits, steps are thinned and probes stay; how much is missing is said', async () => {
  let busy = true
  const { delivery, batches, notes } = keeping(() => (busy ? BUSY : undefined))
  await vi.advanceTimersByTimeAsync(1500)
  for (let step = 1; step <= 50_000; step++) delivery.add(point(step), step % 1000 === 0)
  busy = false
  await vi.advanceTimersByTimeAsync(40_000)
  await delivery.close(END)
  const sent = batches.flat()
  expect(sent.length).toBeLessThanOrEqual(10_500)
  expect(sent.filter(({ step }) => step % 1000 === 0)).toHaveLength(50)
  const gaps = sent.map(({ step }, i) => step - (sent[i - 1]?.step ?? 0))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(16)
  expect(notes.at(-1)).toMatch(
    new RegExp(`^of 50000 lines of this run's metrics ${50_000 - sent.length} weren't sent to Keeper: more waited than`),
  )
})

test('what a server refuses is left out, once said, and the rest is sent', async () => {
  let count = 0
  const refusal: Obstacle = { message: 'no such name', remedy: 'Rename it.', again: 'content' }
  const { delivery, steps, notes } = keeping(() => (count++ === 0 ? refusal : undefined))
  delivery.add(point(1))
  delivery.add(point(2))
  await vi.advanceTimersByTimeAsync(1500)
  await delivery.close(END)
  expect(steps()).toEqual([2])
  expect(notes.slice(1)).toEqual([
    "Keeper doesn't take some of what is logged: no such name. Rename it.",
    "of 2 lines of this run's metrics 1 weren't sent to Keeper: no such name. metrics.jsonl has them all.",
  ])
})

test('of many steps those that a server refuses are left out, and no other', async () => {
  const refusal: Obstacle = { message: 'no such name', remedy: 'Rename it.', again: 'content' }
  const batches: number[][] = []
  const connection: Connection = {
    page: 'http://page',
    send: async (points) => {
      const steps = points.map(({ step }) => step)
      if (steps.includes(7)) return E.left(refusal)
      batches.push(steps)
      return E.right(undefined)
    },
    mark: async () => E.right(undefined),
    end: async () => E.right(undefined),
  }
  const notes: string[] = []
  const delivery = deliver({
    logger: { title: 'Keeper', every: 1, open: async () => E.right(connection) },
    run: { name: 'run', group: undefined, config: {}, facts: {} },
    memory: { known: undefined, keep: async () => undefined },
    surroundings: { env: {}, home: '/' },
    // Whoever hears may fail.
    notify: (note) => {
      notes.push(note)
      throw new Error('nobody listens')
    },
  })
  for (let step = 1; step <= 20; step++) for (const _ of ['step', 'probe']) delivery.add(point(step))
  await delivery.close(END)
  const steps = Array.from({ length: 20 }, (_, i) => i + 1).filter((step) => step !== 7)
  expect(batches.flat()).toEqual(steps.flatMap((step) => [step, step]))
  expect(notes.at(-1)).toMatch(/^of 40 lines of this run's metrics 2 weren't sent/)
})

test('a server that wants to hear that the run goes on hears it when nothing is new', async () => {
  let beats = 0
  const connection: Connection = {
    page: 'http://page',
    send: async () => E.right(undefined),
    mark: async () => E.right(undefined),
    beat: async () => E.right(void beats++),
    end: async () => E.right(undefined),
  }
  const delivery = deliver({
    logger: { title: 'Heart', every: 1, open: async () => E.right(connection) },
    run: { name: 'run', group: undefined, config: {}, facts: {} },
    memory: { known: undefined, keep: async () => undefined },
    ...{ surroundings: { env: {}, home: '/' }, notify: () => undefined },
  })
  for (let step = 1; step <= 40; step++) {
    delivery.add(point(step))
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(beats).toBe(0)
  await vi.advanceTimersByTimeAsync(95_000)
  expect(beats).toBe(3)
  await delivery.close(END)
})

test('a logger that throws is said to be a mistake, and no more is asked of it', async () => {
  const notes: string[] = []
  const logger: Logger = {
    title: 'Broken',
    every: 1,
    open: async () => {
      throw new Error('oops')
    },
  }
  const delivery = deliver({
    ...{ logger, run: { name: 'run', group: undefined, config: {}, facts: {} } },
    memory: { known: undefined, keep: async () => undefined },
    ...{ surroundings: { env: {}, home: '/' }, notify: (note: string) => notes.push(note) },
  })
  await delivery.close(END)
  expect(notes[0]).toMatch(/^this run isn't logged to Broken: .*oops/)
})

test('at the end nobody waits for longer than a few seconds', async () => {
  const logger: Logger = { title: 'Silent', every: 1, open: () => new Promise(() => undefined) }
  const notes: string[] = []
  const delivery = deliver({
    ...{ logger, run: { name: 'run', group: undefined, config: {}, facts: {} } },
    memory: { known: undefined, keep: async () => undefined },
    ...{ surroundings: { env: {}, home: '/' }, notify: (note: string) => notes.push(note) },
  })
  delivery.add(point(1))
  let isOver = false
  void delivery.close(END).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(LAST - 1)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isOver).toBe(true)
  expect(notes).toHaveLength(1)
})

test('a step that keeps the thread for longer than an answer may take costs no answer', async () => {
  vi.useRealTimers()
  const program = `require('http').createServer((q, s) => setTimeout(() => s.end('{"ok":true}'), 300))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = await once(child.stdout, 'data')
    const server = {
      ...{ title: 'Slow', url: `http://127.0.0.1:${String(port).trim()}`, authorization: undefined, secrets: [] },
      remedies: { unreachable: '', unknown: '' },
    }
    const answer = ask(server, { method: 'GET', path: '/' }, new AbortController().signal)
    // The question is on its way.
    await new Promise((resolve) => setTimeout(resolve, 100))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000)
    expect(await answer).toEqual(E.right({ status: 200, body: { ok: true } }))
  } finally {
    child.kill()
  }
})
