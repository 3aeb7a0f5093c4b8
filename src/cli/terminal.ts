/** The two streams that a command writes to: stdout for its result, stderr for everything else. */
import pc from 'picocolors'
import { printable } from '../base/printable'

export interface Screen {
  /** Writes a text; to a terminal without characters that would do something there, but for ends of lines, tabs and colours. */
  readonly write: (text: string) => void
  /** Writes a text that moves the cursor; what it tells must be printable. */
  readonly draw: (text: string) => void
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

/** What a text for a terminal is made of: ends of lines, tabs, the colours and weights that are used here; and the rest. */
const OURS = new RegExp(`(\\n|\\t|${String.fromCharCode(27)}\\[(?:0|1|2|22|3[1-6]|39)m)`)

/** Ours are every other part. */
const harmless = (text: string): string =>
  text
    .split(OURS)
    .map((part, i) => (i % 2 === 0 ? printable(part) : part))
    .join('')

export const screenOf = (stream: Stream, env: Environment): Screen => ({
  write: (text) => {
    stream.write(stream.isTTY === true ? harmless(text) : text)
  },
  draw: (text) => {
    stream.write(text)
  },
  colors: pc.createColors(isColored(stream, env)),
  interactive: stream.isTTY === true && env.TERM !== 'dumb' && !isSet(env.CI),
  width: () => stream.columns || 80,
})

export const out: Screen = screenOf(process.stdout, process.env)
export const err: Screen = screenOf(process.stderr, process.env)

/** Tells a message that comes from elsewhere, as a line. */
export const lineTo =
  ({ write }: Pick<Screen, 'write'>) =>
  (message: string): void =>
    write(`${printable(message)}\n`)

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
