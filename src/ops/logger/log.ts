import { stage } from '../../dsl/plan'
import { anyNumber, op, required } from '../../dsl/type'
import { logSlot } from '../slots'
import { logger } from './kind'

export const log = stage(logSlot)({
  name: 'log',
  doc: 'Where the numbers of the run are sent while it trains, besides its folder. A server that fails costs the run nothing.',
  needs: ['training'],
  gives: ['logs'],
  example: [{ mlflow: { url: 'http://127.0.0.1:5000' } }, { wandb: { project: 'ibot' } }],
  fields: { to: required(anyNumber(op(logger)), 'to which loggers') },
  main: 'to',
  free: 'all',
  build: ({ to }) => to,
})
