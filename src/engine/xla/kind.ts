/** XLA as an engine, before a plugin is loaded: a program's step is compiled for one device or for several. */
import { graphicsCards } from '../../io/graphicsCards'
import type { EngineKind } from '../engine'
import { ABILITIES } from './abilities'
import { breakageOf } from './breakage'

export const xla: EngineKind<'xla'> = {
  ...ABILITIES,
  summary: 'XLA, on GPUs and TPUs',
  // Graphics cards are looked for only where one may be used: nvidia-smi takes a while.
  isPreferred: ({ device = 'auto' }) => {
    if (device !== 'auto') return device !== 'cpu'
    const { gpus, drivers } = graphicsCards()
    return gpus.length > 0 || drivers.amd
  },
  standIn: undefined,
  open: (options) => async () => (await import('./loaded.js')).openLoaded(options)(),
  library: undefined,
  replayer: undefined,
  checkSettings: (host) => async () => (await import('./settings.js')).checkSettings(host)(),
  examine: async (machine) => (await import('./examine.js')).examine(machine),
  breakageOf,
}
