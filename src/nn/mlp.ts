import { activation } from './activation'
import { dropout } from './dropout'
import { type Layer, scope, sequence } from './layer'
import { linear } from './linear'

/** linear, GELU, linear: [..., width] → [..., width] through `hidden` features. */
export const mlp = (width: number, hidden: number, rate = 0): Layer =>
  sequence(
    scope('fc1', linear(width, hidden)),
    activation('gelu'),
    scope(
      'drop1',
      dropout(rate, (batch, tokens) => [batch, tokens, hidden]),
    ),
    scope('fc2', linear(hidden, width)),
    scope(
      'drop2',
      dropout(rate, (batch, tokens) => [batch, tokens, width]),
    ),
  )
