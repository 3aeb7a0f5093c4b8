/** The two streams that a command writes to: stdout for its result, stderr for everything else. */
import pc from 'picocolors'

export interface Screen {
  readonly write: (text: string) => void
  /** Colours, which leave a text as it is where they are not wanted. */
  readonly colors: ReturnType<typeof pc.createColors>
  /** Whether a line may be drawn over again: a terminal, with a person at it. */
  readonly interactive: boolean
  /** Columns of a line. */
  readonly width: () => number
}

type Environment = Readonly<Record<string, string | undefined>>
type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

/** NO_COLOR comes first, then FORCE_COLOR, then whether somebody looks at it. */
const isColored = (stream: Stream, env: Environment): boolean => {
  if (isSet(env.NO_COLOR)) return false
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

export const screenOf = (stream: Stream, env: Environment): Screen => ({
  write: (text) => {
    stream.write(text)
  },
  colors: pc.createColors(isColored(stream, env)),
  interactive: stream.isTTY === true && env.TERM !== 'dumb' && !isSet(env.CI),
  width: () => stream.columns || 80,
})

export const out: Screen = screenOf(process.stdout, process.env)
export const err: Screen = screenOf(process.stderr, process.env)

/**
 * Hears of the first error by which something that is written to stdout or stderr is lost, a full disk say. A reader that has
 * gone away, as `| head` does, is none: what it doesn't read is dropped, and the work goes on.
 */
export const onLost = (tell: (stream: 'stdout' | 'stderr', error: Error) => void): void => {
  let told = false
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].on('error', (error: NodeJS.ErrnoException) => {
      if (told || error.code === 'EPIPE') return
      told = true
      tell(stream, error)
    })
}

/** Comes when everything that was written has been taken, or is lost. */
export const flushed = (): Promise<void> =>
  new Promise((resolve) => process.stdout.write('', () => process.stderr.write('', () => resolve())))
