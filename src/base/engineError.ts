/** What goes wrong in recording a graph or in running it. Nothing here loads TensorFlow. */

/** What TensorFlow itself says is wrong; `code` is that of `tsl::error::Code`. */
export class TensorFlowError extends Error {
  override readonly name = 'TensorFlowError'
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

/** Told where processes that compute a step together can't exchange what they have: one of them is lost. */
export class ExchangeBroken extends Error {
  override readonly name = 'ExchangeBroken'
}

/** Told to whoever asks for a value while compiling. */
export class NoValue extends Error {
  override readonly name = 'NoValue'
}

/** Told if a tfjs op can't be an operation of a graph; `operation` is the type of TensorFlow's, where it is known. */
export class NotRecordable extends Error {
  override readonly name = 'NotRecordable'
  constructor(
    message: string,
    readonly operation?: string,
  ) {
    super(message)
  }
}
