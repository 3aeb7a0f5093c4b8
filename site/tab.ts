/**
 * The page that trains in a browser's tab, made of browser/tab and src by esbuild: scripts, what computes in WebAssembly, a sample of
 * Fashion-MNIST, and the licences of all of it, in one folder.
 *
 * A module of src that only Node can run is taken from browser/tab/instead, where there is a file at the same place; one of
 * Node's own from instead/node. What has no such file and asks for Node doesn't build.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import * as E from 'fp-ts/Either'
import { SAMPLE, SAMPLED, sampleFiles } from '../browser/tab/sample'
import { FASHION_FILES } from '../src/io/fashionFiles'
import { fashionMnist } from '../src/io/fashionMnist'
import { serialize } from '../src/io/idx'

const ROOT = join(__dirname, '..')
const TAB = join(ROOT, 'browser', 'tab')
const INSTEAD = join(TAB, 'instead')
const MODULES = join(ROOT, 'node_modules')

/** What stands in for a module in a browser. */
const standIn = (path: string): string | undefined =>
  [`${path}.ts`, `${path}.tsx`].map((name) => join(INSTEAD, name)).find(existsSync)

/** Takes what stands in for a module in its place, but for those that stand in, which may use it. */
const instead: Plugin = {
  name: 'instead',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const place = relative(join(ROOT, 'src'), resolve(resolveDir, path.replace(/\.js$/, '')))
      const found = place.startsWith('..') || resolveDir.startsWith(INSTEAD) ? undefined : standIn(place)
      return found === undefined ? undefined : { path: found }
    })
    onResolve({ filter: /^node:/ }, ({ path }) => {
      const found = standIn(path.replace(':', '/'))
      return found === undefined ? undefined : { path: found }
    })
  },
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  loader: { '.yaml': 'text', '.css': 'text' },
  define: { IBOT_VERSION: JSON.stringify(version) },
  plugins: [instead],
  metafile: true,
  logLevel: 'error',
} as const satisfies BuildOptions

/** The page's own script; the chart library's language is that of the page, as in a report. */
const buildPage = (out: string) =>
  build({
    ...OPTIONS,
    entryPoints: [join(TAB, 'page.tsx')],
    outfile: join(out, 'page.js'),
    define: { ...OPTIONS.define, navigator: 'navigatorOfPage' },
    inject: [join(ROOT, 'browser', 'report', 'navigator.ts')],
  })

/** The worker; a backend is loaded when it is asked for. */
const buildWorker = (out: string) =>
  build({ ...OPTIONS, entryPoints: [join(TAB, 'worker.ts')], outdir: out, splitting: true, chunkNames: '[name]-[hash]' })

/** What WebAssembly computes with, and what it falls back to on processors without its vectors. */
const KERNELS = ['tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm.wasm']

/** The packages of which something is left in scripts. */
const packagesIn = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
      return name === undefined || bytesInOutput === 0 ? [] : [name]
    }),
  )

const { noticeOf } = require('../bin/bundle.js') as { readonly noticeOf: (root: string, name: string) => string }

const writeSplit = async (out: string, split: 'train' | 'test'): Promise<void> => {
  const opened = await fashionMnist(split)()
  if (E.isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const count = SAMPLED[split]
  const pictures = Array.from({ length: count }, async (_, i) => {
    const read = await opened.right.read(i)
    if (E.isLeft(read)) throw new Error(JSON.stringify(read.left))
    return read.right.data
  })
  const [height, width] = opened.right.size!
  const files = sampleFiles(split)
  const write = (name: string, shape: readonly number[], data: Uint8Array): void =>
    writeFileSync(join(out, name), gzipSync(serialize({ shape, data }), { level: 9 }))
  write(files.images, [count, height, width], Buffer.concat(await Promise.all(pictures)))
  write(
    files.labels,
    [count],
    Uint8Array.from({ length: count }, (_, i) => opened.right.label(i)!),
  )
}

/** The first pictures of both splits. */
const writeSample = async (out: string): Promise<void> => {
  mkdirSync(join(out, SAMPLE), { recursive: true })
  for (const split of Object.keys(FASHION_FILES) as (keyof typeof FASHION_FILES)[]) await writeSplit(out, split)
}

/** Builds the page into a folder, whose contents are replaced. */
export const buildTab = async (out: string): Promise<void> => {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const built = [await buildPage(out), await buildWorker(out)]
  for (const name of KERNELS) copyFileSync(join(MODULES, '@tensorflow', 'tfjs-backend-wasm', 'dist', name), join(out, name))
  await writeSample(out)
  const packages = [...new Set([...built.flatMap(({ metafile }) => packagesIn(metafile)), 'fashion-mnist'])].sort()
  const notices = packages.map((name) => noticeOf(ROOT, name)).join(`\n${'-'.repeat(80)}\n\n`)
  writeFileSync(join(out, 'LICENSES.txt'), `This page contains code and pictures of:\n\n${notices}`)
}

/** Where the site has it. */
export const PLACE = join(ROOT, 'site', 'public', 'tab')

if (require.main === module) void buildTab(PLACE)
