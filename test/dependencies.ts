/** The packages that who installs ibot gets, with their licences: as docs/dependencies.md lists them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')

interface Locked {
  readonly version: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly peer?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
}

interface Lock {
  readonly packages: Readonly<Record<string, Locked>>
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock

/** By the path that npm installs it at. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** What is installed: all that isn't for development only. */
export const installed: readonly (Locked & { readonly name: string })[] = Object.entries(lock.packages)
  .filter(([path, { dev, devOptional, peer }]) => path !== '' && !dev && !devOptional && !peer)
  .map(([path, locked]) => ({ name: nameOf(path), ...locked }))
  .sort((a, b) => (a.name < b.name ? -1 : 1))

/** Packages whose code the build puts into its files. */
export const bundled: readonly (Locked & { readonly name: string })[] = (
  require(join(ROOT, 'bin', 'bundle.js')) as { readonly FILES: readonly { readonly packages: readonly string[] }[] }
).FILES.flatMap(({ packages }) => packages)
  .filter((name, i, all) => all.indexOf(name) === i)
  .map((name) => ({ name, ...lock.packages[`node_modules/${name}`]! }))

const rowOf = (how: string, { name, version, license = 'not told' }: Locked & { readonly name: string }): string =>
  `| \`${name}\` | ${version} | ${license} | ${how} |`

export const dependenciesMarkdown = (): string =>
  [
    '# Dependencies',
    '',
    "What `npm install` of the package brings, as `package-lock.json` pins it, and the packages whose code is in its files, beside which their licences lie (`dist/**/*.LICENSES.txt`). Of the optional ones npm installs those for the machine's platform; sharp's libvips is a library of its own, linked dynamically. None has an install script. What the site holds besides, the page that trains in a browser, isn't in the package; the licences of its code and pictures lie beside it (`tab/LICENSES.txt`). In a project that has installed it, `npm sbom --sbom-format cyclonedx` gives them as a CycloneDX document.",
    '',
    '| package | version | licence | how |',
    '| --- | --- | --- | --- |',
    ...bundled.map((one) => rowOf('code within', one)),
    ...installed.map((one) => rowOf(one.optional ? 'optional' : 'installed', one)),
    '',
  ].join('\n')
