/** An interpreter for whatever computes. */

import type { Program } from '../program/program'
import type { Engine } from './backend'
import { eager } from './eager/eager'
import type { Interpreter, InterpreterState } from './interpreter'

/** An interpreter of a program from a first state on. */
export const openInterpreter = async (engine: Engine, program: Program, first: InterpreterState): Promise<Interpreter> =>
  engine.backend === 'tensorflow'
    ? // What calls TensorFlow is loaded only where it computes.
      (await import('./graph/compiled.js')).compiled(engine.tensorflow, program, first, engine)
    : eager(program, first)
