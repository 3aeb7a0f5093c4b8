/** A backend of tfjs as an engine that is ready to compute. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { onBackend } from '../../nn/onBackend'
import type { ReplayingEngine } from '../engine'
import { ABILITIES, type EagerBackend } from './abilities'
import { computerOn } from './computer'
import { eager } from './eager'
import { replay } from './replay'
import { useBackend } from './use'

const engineOf = (backend: EagerBackend): ReplayingEngine => ({
  ...ABILITIES[backend],
  ...computerOn(backend),
  versions: {},
  devices: () => [{ name: backend, type: backend === 'webgpu' ? 'GPU' : 'CPU', memory: 0 }],
  open: async (program, first) =>
    program.division.microBatches === 1
      ? eager(backend, program, first)
      : eager(backend, program, first, (await import('../record/step.js')).meetingsOf(program)),
  library: undefined,
  replay: (program, step, seconds) => onBackend(backend, () => replay(program, step, seconds)),
})

export const openEager = (backend: EagerBackend): TE.TaskEither<Failure, ReplayingEngine> =>
  pipe(
    useBackend(backend),
    TE.map(() => engineOf(backend)),
  )
