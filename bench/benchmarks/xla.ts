/** What XLA takes besides steps: its start, several devices, and the text that it is given. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { failureText } from '../../src/cli/failureText'
import { graphicsCards } from '../../src/io/graphicsCards'
import { thisHost } from '../../src/wheels/host'
import { choosePlugin } from '../../src/xla/plugin/choose'
import { findPlugins } from '../../src/xla/plugin/find'
import { type Benchmark, orNotRun } from '../benchmark'
import { alternate, compared, median, repeat, saving } from '../compare'
import type { Outcome } from '../outcome'
import { type Command, using } from '../programs/child'
import { ourLowering, ourSteps } from '../programs/ours'
import { MODELS, type StepSetup } from '../setup'
import { startup } from './startup'
import { seconds, setupOf, warmUp } from './step'

const FETCH = "no plugin of XLA is here; fetch one with 'ibot setup --gpu', or for the processor 'ibot setup --xla cpu'"

/** The file of the plugin for these devices. */
const plugin = async (types: readonly ('gpu' | 'cpu')[]): Promise<E.Either<string, string>> => {
  const found = await findPlugins(thisHost())()
  if (E.isLeft(found)) return E.left(failureText(found.left))
  const { drivers } = graphicsCards()
  const [first] = types.flatMap((type) => choosePlugin(found.right, type, drivers) ?? [])
  return first === undefined ? E.left(FETCH) : E.right(first.file)
}

const onXla = (setup: StepSetup, env: Readonly<Record<string, string>>): Command => {
  const command = ourSteps({ ...setup, backend: 'xla', variant: 'default' })
  return { ...command, env: { ...command.env, ...env } }
}

/** Starts with an empty cache of compiled programs, and then with what that start left there. */
const start: Benchmark = {
  name: 'xla-start',
  doc: 'first step of ViT-S/16 on XLA above a steady one: program, compiler and all; xla-start-kept: with the program that was compiled before',
  run: async (options) => {
    const { rounds = 3 } = options
    return orNotRun('xla-start', await plugin(['gpu', 'cpu']), async (file) => {
      const [fresh, kept]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        const cache = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
        try {
          const command = onXla(setupOf(options), { IBOT_CACHE: cache, IBOT_XLA_PLUGIN: file })
          for (const seen of [fresh, kept]) seen.push(await startup(command))
        } finally {
          rmSync(cache, { recursive: true, force: true })
        }
      }
      const outcome = (name: string, seen: readonly number[]): Outcome => ({
        ...{ name, ratio: null, ours: median(seen), theirs: null, unit: 's', rounds },
      })
      return [outcome('xla-start', fresh), outcome('xla-start-kept', kept)]
    })
  },
}

/**
 * XLA's client for processors gives all of its devices one pool of threads, as many as there are cores; a device can't be bound to a
 * core. But a program compiled without threads computes on the one that began it, so that two devices take two cores.
 */
const ALONE = { XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false' }

const devices: Benchmark = {
  name: 'xla-devices',
  doc: 'one device of two threads ÷ two devices of one thread each, seconds a step on the processor; xla-devices-shared: two devices that share two threads',
  run: async (options) => {
    const { rounds = 5 } = options
    return orNotRun('xla-devices', await plugin(['cpu']), async (file) => {
      const of = (count: number, env: Readonly<Record<string, string>> = {}): Command =>
        onXla({ ...setupOf(options), devices: count }, { IBOT_XLA_PLUGIN: file, ...env })
      const beside = (name: string, two: Command): Promise<Outcome> =>
        using([two, of(1)], async (programs) => {
          for (const program of programs) await warmUp(program, 1)
          const [ours, theirs] = programs.map((program) => () => seconds(program))
          return { name, ...compared(await alternate(ours!, theirs!, rounds), saving), unit: 's/step', rounds }
        })
      return [await beside('xla-devices', of(2, ALONE)), await beside('xla-devices-shared', of(2))]
    })
  },
}

const lowering: Benchmark = {
  name: 'xla-lowering',
  doc: "seconds to write the step of ViT-L/16 as XLA's text, once it is recorded; xla-lowering-size: megabytes of it",
  run: (options) => {
    const { rounds = 5 } = options
    const setup = setupOf(options, { model: MODELS['vit-l'], batch: 2 })
    return using([ourLowering(setup)], async ([program]) => {
      const seen = await repeat(() => seconds(program!), rounds)
      return [
        { name: 'xla-lowering', ratio: null, ours: median(seen), theirs: null, unit: 's', rounds },
        { name: 'xla-lowering-size', ratio: null, ours: program!.ready.megabytes!, theirs: null, unit: 'MB', rounds: 1 },
      ]
    })
  },
}

export const XLAS: readonly Benchmark[] = [start, devices, lowering]
