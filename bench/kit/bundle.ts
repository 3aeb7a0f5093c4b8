/** ibot and the programs of the kit as two files, bundled from what the build makes of the sources. */
import { copyFile, cp } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { glob } from 'tinyglobby'
import { ROOT } from './root'

/** Where the programs are in the kit: as deep as the sources of the benchmarks, which look for files from there. */
export const PROGRAMS = join('bench', 'kit')

/** Packages that stay files beside the program, as they load native code, or threads of their own; and what is loaded of them. */
const PACKAGES = ['@koromix/koffi-linux-x64', 'piscina']
const PACKAGE_FILES = [
  `{${PACKAGES.join()}}/{package.json,LICENSE*,index.*js}`,
  '@koromix/koffi-linux-x64/linux_x64/koffi.node',
  'piscina/dist/**/*.{js,mjs}',
]
/** What is loaded only where it is there: the kit decodes no photographs and exports nothing. */
const LEFT_OUT = ['sharp', 'onnxruntime-node']
const WASM = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm']

/** The build of a source stands for it: some packages are in the build already, and loaded no other way. */
const built: Plugin = {
  name: 'built',
  setup: ({ onResolve }) => {
    const src = join(ROOT, 'src')
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const source = relative(src, join(resolveDir, path))
      return source.startsWith('..') ? undefined : { path: join(ROOT, 'dist', source.replace(/(\.js)?$/, '.js')) }
    })
  },
}

/** Bundles the programs, and the worker that makes batches, which threads load by its file. */
export const writePrograms = async (kit: string): Promise<void> => {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { kit: join(__dirname, 'program.ts'), worker: join(ROOT, 'dist', 'loader', 'worker.js') },
    outdir: join(kit, PROGRAMS),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'eof',
    external: [...PACKAGES, ...LEFT_OUT],
    plugins: [built],
    logLevel: 'error',
  })
  // tfjs looks for them beside its code.
  for (const name of WASM)
    await copyFile(join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist', name), join(kit, PROGRAMS, name))
  await copyFile(join(ROOT, 'package.json'), join(kit, 'package.json'))
}

export const writePackages = async (kit: string): Promise<void> => {
  const from = join(ROOT, 'node_modules')
  for (const file of await glob(PACKAGE_FILES, { cwd: from })) await cp(join(from, file), join(kit, 'node_modules', file))
}
