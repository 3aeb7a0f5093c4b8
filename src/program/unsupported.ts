/** Why code of tfjs ops can't run on a backend, though tfjs itself has all of the ops. */
import { NotRecordable, NoValue, TensorFlowError } from '../base/engineError'

export interface Unsupported {
  /** A sentence without its subject, which is a stage. */
  readonly message: string
  /** How to write it instead. */
  readonly suggestion: string
}

const LACKING = /^Kernel '(.+)' not registered for backend '(.+)'$/
/** The backend of tfjs under whose name steps are recorded, for any engine that compiles. */
const RECORDED = 'tensorflow'
const OTHER_OPS = 'write it with other tfjs ops'

const lacking = ({ message }: Error): Unsupported | undefined => {
  const [, kernel, backend] = LACKING.exec(message) ?? []
  return kernel === undefined || backend === undefined
    ? undefined
    : {
        message: `uses the tfjs op ${kernel}, which ${backend === RECORDED ? "can't be compiled" : `the ${backend} backend doesn't have`}`,
        suggestion: OTHER_OPS,
      }
}

const refused = (operation: string | undefined, message: string): Unsupported => ({
  message: `can't be compiled: ${operation === undefined ? '' : `${operation}: `}${message.split('\n')[0]}`,
  suggestion: OTHER_OPS,
})

/** Why an error was thrown by ops that were recorded or run; undefined if it is an error of another kind. */
export const unsupportedBy = (error: unknown): Unsupported | undefined => {
  if (error instanceof NoValue)
    return {
      message: 'asks for the value of a tensor (dataSync, arraySync, data, …), and there is none while the step is compiled',
      suggestion: 'keep values in tensors: tf.where, tf.maximum, …',
    }
  if (error instanceof NotRecordable) return refused(error.operation, error.message)
  if (error instanceof TensorFlowError) return refused(undefined, error.message)
  return error instanceof Error ? lacking(error) : undefined
}
