/**
 * TensorFlow's log without what is no news: lines on stderr about CPU features, oneDNN and the log itself.
 *
 * TF_CPP_MIN_LOG_LEVEL isn't enough. Part of TensorFlow logs through abseil, which reads no variable and writes everything
 * until it is told otherwise; and the first lines come while the libraries load, when it can't be told yet. So stderr is
 * led into a file during that time, and what is left of it without the noise is written afterwards. Whoever sets
 * TF_CPP_MIN_LOG_LEVEL gets every line that they ask for.
 */
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { koffi, type LibraryHandle } from './foreign'

const VARIABLE = 'TF_CPP_MIN_LOG_LEVEL'
/** Errors and what ends the process, for TensorFlow's own log and for abseil's. */
const ERRORS = 2
const STDERR = 2

/** Lines of the levels information and warning, as abseil and as TensorFlow begin them; and abseil's word about itself. */
const NOISE: readonly RegExp[] = [
  /^[IW]\d{4} [\d:. ]+ \S+:\d+\] /,
  /^[\d-]+ [\d:.]+: [IW] \S+:\d+\] /,
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  // The libraries for GPUs register some things twice, always.
  /^E\d{4} .*\] Unable to register cu\w+ (factory|plugin)/,
]

/** What of the lines that were written while TensorFlow loaded may matter. */
export const withoutNoise = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !NOISE.some((noise) => noise.test(line)))
    .join('\n')

/** The releases of abseil that TensorFlow 2.16 and later are built with: their names are part of the names of their functions. */
const ABSEIL = ['20230802', '20240116', '20240722', '20250127', '20250512', '20250814', '20260107']

const ABSEIL_LOG = ['14SetMinLogLevelENS0_18LogSeverityAtLeastE(int)', '12log_internal14SetInitializedEv()'] as const

/** Calls a function of abseil's if the library has it. */
const tell = (framework: LibraryHandle, release: string, name: string, ...given: readonly number[]): void => {
  try {
    framework.func(`void _ZN4absl12lts_${release}${name}`)(...given)
  } catch {
    // Another release, or another compiler: the log stays as it is.
  }
}

const setLevels = (framework: LibraryHandle): void => {
  const [setLevel, setInitialized] = ABSEIL_LOG
  for (const release of ABSEIL) {
    tell(framework, release, setLevel, ERRORS)
    tell(framework, release, setInitialized)
  }
}

/** A new file that nobody else sees; it is gone with its descriptor. */
const hiddenFile = (): number => {
  const path = join(tmpdir(), `ibot-${process.pid}-${process.hrtime.bigint()}`)
  const file = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return file
}

const textOf = (file: number): string => {
  const bytes = Buffer.alloc(fstatSync(file).size)
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0))
}

/** Leads stderr into a file; gives what ends that and tells what was written. Nothing where it can't be done: then it stays as it is. */
const capture = (): (() => string) | undefined => {
  try {
    const libc = koffi.load(null)
    const [dup, dup2, close] = ['dup(int)', 'dup2(int, int)', 'close(int)'].map((name) => libc.func(`int ${name}`))
    const file = hiddenFile()
    const stderr = dup!(STDERR) as number
    if (stderr >= 0) dup2!(file, STDERR)
    return () => {
      if (stderr >= 0) dup2!(stderr, STDERR)
      close!(stderr)
      const text = textOf(file)
      closeSync(file)
      return text
    }
  } catch {
    return undefined
  }
}

/** Loads the two libraries, the one with the log first; what they write meanwhile is written afterwards, without the noise. */
export const quietly = (
  loadFramework: () => LibraryHandle,
  loadRest: () => LibraryHandle,
): readonly [framework: LibraryHandle, rest: LibraryHandle] => {
  process.env[VARIABLE] ??= String(ERRORS)
  const quiet = Number(process.env[VARIABLE]) >= ERRORS
  const end = quiet ? capture() : undefined
  try {
    const framework = loadFramework()
    if (quiet) setLevels(framework)
    return [framework, loadRest()]
  } finally {
    const rest = withoutNoise(end?.() ?? '')
    if (rest !== '') process.stderr.write(rest)
  }
}
