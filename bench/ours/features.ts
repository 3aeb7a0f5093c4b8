/** `features.ts SETUP`: the features of a batch of pictures in memory whenever it is asked to, as `ibot features` computes them. */
import { performance } from 'node:perf_hooks'
import { tokenFunction } from '../../src/features/tokens'
import { mapped } from '../../src/program/stateNames'
import { answer } from './answer'
import { memory } from './memory'
import { engineOf, type OurSetup } from './open'
import { opened } from './pipeline'

answer(async () => {
  const setup = JSON.parse(process.argv[2]!) as OurSetup
  const { program } = await opened(setup)
  const engine = await engineOf(setup)
  const began = performance.now()
  const first = program.init(0)
  const { frozen } = program
  const own = Object.entries(program.state).filter(([name]) => name.startsWith(`${frozen.which}.backbone.`))
  const held = mapped(Object.fromEntries(own), ({ shape }, name) => ({ values: first[name]!, shape }))
  const prepared = engine.prepare(tokenFunction(frozen, { tokens: 'cls', blocks: 1 }), held, {
    precision: setup.precision,
    often: true,
  })
  const { size } = setup.model
  const shape = [setup.batch, size, size, 3]
  const values = Float32Array.from({ length: setup.batch * size * size * 3 }, (_, i) => Math.sin(i))
  const step = async () => {
    const began = performance.now()
    const { rows } = await prepared.run({ pixel_values: { values, shape } })
    return { seconds: (performance.now() - began) / 1000, width: rows!.shape[1]! }
  }
  return { ready: { ready: (performance.now() - began) / 1000 }, commands: { step, memory } }
})
