/** Before all tests: XLA's plugin for the processor, which is fetched if need be. Where it can't be had, tests that need it are skipped. */
import * as E from 'fp-ts/Either'
import { thisHost } from '../src/wheels/host'
import { cpu } from '../src/xla/plugin/kind/cpu'
import { providePlugin } from '../src/xla/plugin/provide'
import { PLUGIN } from './xla/plugin'

export default async (): Promise<void> => {
  const host = thisHost()
  const provided = await providePlugin(cpu, {
    // What the user computes with is another matter.
    host: { ...host, env: { ...host.env, IBOT_XLA_PLUGIN: undefined } },
    tell: (event) => {
      if (event.event === 'note') process.stderr.write(`${event.message}\n`)
    },
  })()
  if (E.isRight(provided)) {
    process.env[PLUGIN] = provided.right.plugin.file
    // Most of a test's time would go into the compiler.
    process.env.XLA_FLAGS ??= '--xla_backend_optimization_level=0'
    return
  }
  const why = 'message' in provided.left ? provided.left.message : provided.left._tag
  process.stderr.write(`tests on XLA are skipped: ${why}\n`)
}
