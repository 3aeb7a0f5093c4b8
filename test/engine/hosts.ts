/** Processes of XLA's within one: each sees some of a client's devices as its own, and what all of them begin runs together. */
import type { XlaClient } from '../../src/xla/client'
import { launch } from '../../src/xla/execute'

/** A client as one of so many processes has it, which have equally many devices. */
export const asProcess = (client: XlaClient, rank: number, size: number): XlaClient => {
  const each = client.devices.length / size
  const own = (of: number) => client.devices.slice(of * each, (of + 1) * each)
  return {
    ...client,
    devices: own(rank),
    processIndex: rank,
    processes: Array.from({ length: size }, (_, of) => own(of).map(({ id }) => id)),
  }
}

/** What begins computations in each of so many processes: a program of all of them when all have asked for it. */
export const launchers = (size: number): readonly (typeof launch)[] => {
  interface Asked {
    readonly of: Parameters<typeof launch>
    readonly done: (results: Awaited<ReturnType<typeof launch>>) => void
    readonly fail: (error: unknown) => void
  }
  const queues = Array.from({ length: size }, (): Asked[] => [])
  const meet = (): void => {
    if (queues.some(({ length }) => length === 0)) return
    const all = queues.map((queue) => queue.shift()!)
    const [executable, { length: each }, options] = all[0]!.of
    const args = all.flatMap(({ of: [, args] }) => args)
    launch(executable, args, options).then(
      (results) => {
        for (const [rank, { done }] of all.entries()) done(results.slice(rank * each, (rank + 1) * each))
      },
      (error) => {
        for (const { fail } of all) fail(error)
      },
    )
  }
  return queues.map((queue): typeof launch => (...of) => {
    const [executable, args] = of
    if (executable.devices.length === args.length) return launch(...of)
    return new Promise((done, fail) => {
      queue.push({ of, done, fail })
      meet()
    })
  })
}
