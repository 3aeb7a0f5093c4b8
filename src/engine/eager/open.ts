/** A backend of tfjs as an engine that is ready to compute. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { onBackend } from '../../nn/onBackend'
import type { ReplayingEngine } from '../engine'
import { ABILITIES, type EagerBackend } from './abilities'
import { computerOn } from './computer'
import { eager, useBackend } from './eager'
import { replay } from './replay'

const engineOf = (backend: EagerBackend): ReplayingEngine => ({
  ...ABILITIES[backend],
  ...computerOn(backend),
  versions: {},
  devices: () => [{ name: backend, type: 'CPU', memory: 0 }],
  open: async (program, first) => eager(backend, program, first),
  library: undefined,
  replay: (program, step, seconds) => onBackend(backend, () => replay(program, step, seconds)),
})

export const openEager = (backend: EagerBackend): TE.TaskEither<Failure, ReplayingEngine> =>
  pipe(
    useBackend(backend),
    TE.map(() => engineOf(backend)),
  )
