import type * as original from '../../../../src/log/wandb'
import { unsent } from '../../unsent'

export const wandbLogger: typeof original.wandbLogger = unsent('Weights & Biases')
