/** TensorFlow's C library: two shared libraries, as the official Python wheels hold them, and where they were found. */

export interface Library {
  /** The file of libtensorflow_framework. */
  readonly framework: string
  /** The file of libtensorflow_cc, which has the C API. */
  readonly cc: string
  /** The folder that holds them. */
  readonly folder: string
  readonly source: 'IBOT_TENSORFLOW' | 'cache' | 'tfjs-node-gpu' | 'python'
  /** As far as the place tells it. What the library itself says is what counts. */
  readonly version?: string | undefined
}

/** The version that is fetched. */
export const VERSION = '2.21.0'

/** What the libraries are called; `plain` is the C API's name in the archives for C programs. */
export const fileNames = (platform: NodeJS.Platform) => {
  const named = (name: string): string => (platform === 'darwin' ? `${name}.2.dylib` : `${name}.so.2`)
  return { framework: named('libtensorflow_framework'), cc: named('libtensorflow_cc'), plain: named('libtensorflow') }
}

/** The oldest version whose graphs and libraries are known to work: major, minor. */
export const OLDEST = [2, 16] as const

/** Older ones lack what is called here. */
export const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}
