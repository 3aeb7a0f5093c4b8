/** Python wheels as archives of shared libraries: which files of which wheels make a set. Nothing of Python is kept. */

export interface Wheel {
  /** NAME-VERSION-PYTHON-ABI-PLATFORMS.whl, from which pip is told what to download. */
  readonly file: string
  readonly bytes: number
  /** SHA-256 in hexadecimal. */
  readonly sha256: string
  /** The files that are unpacked, with their sizes. */
  readonly members: Readonly<Record<string, number>>
}

/** What messages say of a set. */
export interface Words {
  /** `TensorFlow's library` */
  readonly name: string
  /** `TensorFlow 2.21.0 for CPUs` */
  readonly announced: string
  /** The command that fetches it. */
  readonly command: string
  /** How to do without pip, as a sentence. */
  readonly otherwise: string
}

/** What is fetched together: all members of all wheels, in one folder of the cache. */
export interface WheelSet {
  /** The folder of such sets in the cache, of which one process at a time fetches one. */
  readonly shelf: string
  /** Names its folder in that. */
  readonly id: string
  readonly wheels: readonly Wheel[]
  readonly words: Words
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** Bytes of a wheel's members. */
export const unpackedBytes = ({ members }: Wheel): number => sum(Object.values(members))
/** Bytes of all downloads. */
export const downloadBytes = ({ wheels }: Pick<WheelSet, 'wheels'>): number => sum(wheels.map(({ bytes }) => bytes))
/** Bytes that stay on the disk. */
export const keptBytes = ({ wheels }: Pick<WheelSet, 'wheels'>): number => sum(wheels.map(unpackedBytes))
/** Bytes that the disk must have free: each wheel is removed once it is unpacked. */
export const neededBytes = (set: Pick<WheelSet, 'wheels'>): number =>
  keptBytes(set) + Math.max(...set.wheels.map(({ bytes }) => bytes))

/** `cp311`: CPython 3.11. A wheel for any Python is asked for as one that packages still support. */
const pythonOf = (tag: string): readonly [version: string, abi: string] => {
  const [, major, minor] = /^cp(\d)(\d+)$/.exec(tag) ?? [tag, '3', '12']
  return [`${major}.${minor}`, `cp${major}${minor}`]
}

/** What pip is told, so that it downloads this very file. */
export const pipArguments = ({ file }: Wheel): readonly string[] => {
  const [name, version, python, , platforms] = file.replace(/\.whl$/, '').split('-') as [string, string, string, string, string]
  const [pythonVersion, abi] = pythonOf(python)
  return [
    ...['--python-version', pythonVersion, '--implementation', 'cp', '--abi', abi],
    ...platforms.split('.').flatMap((platform) => ['--platform', platform]),
    `${name.replaceAll('_', '-')}==${version}`,
  ]
}
