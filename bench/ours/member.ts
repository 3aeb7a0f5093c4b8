/**
 * `member.ts SETUP`: one of several processes that compute steps together, as a run's members do. They meet at the first command.
 * A step's seconds go from a share in memory, which all must say that they have, to its metrics.
 */
import { performance } from 'node:perf_hooks'
import * as E from 'fp-ts/Either'
import type { Reduction } from '../../src/base/reduction'
import { failureText } from '../../src/cli/failureText'
import type { Collective } from '../../src/engine/collective'
import { divisionOf } from '../../src/program/division'
import { programOf } from '../../src/program/program'
import { type Joined, join } from '../../src/run/join'
import { answer } from './answer'
import { batches } from './batch'
import { memory } from './memory'
import { engineOf, type OurSetup } from './open'
import { opened } from './pipeline'
import { VARIANTS } from './variants'

export interface MemberSetup extends OurSetup {
  readonly rank: number
  readonly size: number
  /** Where member 0 listens, on this machine. */
  readonly port: number
}

const joined = async (...given: Parameters<typeof join>): Promise<Joined> => {
  const result = await join(...given)()
  if (E.isLeft(result)) throw new Error(failureText(result.left))
  return result.right
}

answer(async () => {
  const setup = JSON.parse(process.argv[2]!) as MemberSetup
  const { rank, size, port, variant } = setup
  const alone = await opened(setup)
  const { design, span, source } = alone
  const division = divisionOf(span.batch, undefined, size)
  if (typeof division === 'string') throw new Error(division)
  const program = programOf(design, span, source.channels, { ...VARIANTS[variant], division })
  const engine = await engineOf(setup)
  const [state, batchOf] = [program.init(0), batches({ ...alone, program })]

  /** What a step has reduced, in its order. */
  let reductions: { readonly length: number; readonly reduction: Reduction }[] = []
  const meet = async () => {
    const leader = { host: '127.0.0.1', port }
    const membership = { rank, size, leader, source: 'IBOT' as const, host: 'bench', words: 'the benchmark' }
    const processes = { membership, secret: undefined, trusted: false, launched: false }
    const { team } = await joined({ ...alone, program }, processes, { notify: () => undefined, signal: undefined })
    const { allReduce } = team.collective
    const collective: Collective = {
      size,
      allReduce: (values, reduction) => {
        reductions.push({ length: values.length, reduction })
        return allReduce(values, reduction)
      },
    }
    return { team, allReduce, interpreter: await engine.open(program, state, collective) }
  }
  let met: ReturnType<typeof meet> | undefined
  const together = () => {
    met ??= meet()
    return met
  }

  let done = 0
  const ready = async (): Promise<void> => {
    const { team } = await together()
    const all = await team.agree(++done, {})()
    if (E.isLeft(all)) throw new Error(failureText(all.left))
  }
  const step = async () => {
    await together()
    const batch = batchOf(done)
    const began = performance.now()
    await ready()
    reductions = []
    const { interpreter } = await together()
    const { loss } = await interpreter.step(batch, program.numbers(done))
    return { seconds: (performance.now() - began) / 1000, loss: loss! }
  }
  /** The reductions of a step and nothing else. */
  const reduce = async () => {
    const { allReduce } = await together()
    const all = reductions.map(({ length, reduction }) => ({ values: new Float32Array(length).fill(1), reduction }))
    await ready()
    const began = performance.now()
    await Promise.all(all.map(({ values, reduction }) => allReduce(values, reduction)))
    const bytes = all.reduce((sum, { values }) => sum + values.byteLength, 0)
    return { seconds: (performance.now() - began) / 1000, bytes, count: all.length }
  }
  return { ready: { ready: 0 }, commands: { step, reduce, memory } }
})
