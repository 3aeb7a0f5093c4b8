/**
 * Puts what is used of some packages into the compiled files that load it, so that who installs the package needs none of these:
 * @tensorflow/tfjs-node-gpu, whose install script downloads an add-on that isn't used, @tensorflow/tfjs, of which layers,
 * data and browser backends take ten times the room of its gradients, and koffi, whose install script compiles where it can't load
 * its binary.
 */
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')

/** What stays a dependency, so that there is one tfjs-core: its engine, and with it all that is registered, is the same for all. */
const CORE = '@tensorflow/tfjs-core'

/** The compiled files, what goes into each in the place of what it loads, and the packages whose code that is. */
const FILES = [
  {
    file: ['record', 'tfjsNode.js'],
    packages: ['@tensorflow/tfjs-node-gpu', 'google-protobuf'],
    options: { external: [CORE], alias: { '@tensorflow/tfjs': CORE } },
  },
  { file: ['export', 'tensorflow', 'graphModel.js'], packages: ['@tensorflow/tfjs-converter'], options: { external: [CORE] } },
  {
    file: ['nn', 'gradients.js'],
    packages: [CORE],
    // What the main package loads for its effects.
    instead: ['register_all_gradients.js', join('public', 'chained_ops', 'register_all_chained_ops.js')],
    options: { external: [CORE] },
  },
  // Its binaries stay packages, of which npm installs that of the platform.
  { file: ['base', 'foreign.js'], packages: ['koffi'], options: { external: ['@koromix/*'] } },
]

/** Name, version and licence of a package with the licence's text; where a package ships none, it is Apache-2.0, as ours. */
const noticeOf = (root, name) => {
  const folder = join(root, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const own = readdirSync(folder).find((file) => /^licen[cs]e(\.md|\.txt)?$/i.test(file))
  if (own === undefined && license !== 'Apache-2.0') throw new Error(`${name} has no file with its licence`)
  const text = readFileSync(own === undefined ? join(root, 'LICENSE') : join(folder, own), 'utf8')
  return `${name} ${version}, ${license}\n\n${text.trim()}\n`
}

/** Puts into one compiled file what it loads. */
const bundleFile = (root, folder, { file, packages, instead, options }) => {
  const outfile = join(folder, ...file)
  if (!existsSync(outfile)) return
  const dist = join(root, 'node_modules', CORE, 'dist')
  // The package's own engine comes first.
  const contents =
    instead && [CORE, ...instead.map((name) => join(dist, name))].map((path) => `import ${JSON.stringify(path)}`).join('\n')
  const { metafile } = createRequire(join(root, 'package.json'))('esbuild').buildSync({
    absWorkingDir: root,
    ...(contents === undefined ? { entryPoints: [outfile] } : { stdin: { contents, resolveDir: root } }),
    outfile,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    legalComments: 'inline',
    metafile: true,
    logLevel: 'silent',
    ...options,
  })
  // Of the files that were read, those of which something is left.
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0),
  )
  const from = used.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  const others = from.filter((name) => name !== undefined && !packages.includes(name))
  if (others.length > 0) throw new Error(`${packages[0]} came with ${[...new Set(others)].join(', ')}`)
  const notices = packages.map((name) => noticeOf(root, name)).join(`\n${'-'.repeat(80)}\n\n`)
  writeFileSync(`${outfile}.LICENSES.txt`, `${file.at(-1)} contains code of:\n\n${notices}`)
}

/** Bundles what a folder of compiled files loads of these packages; undefined, or why that can't be done. */
const bundle = (root, folder) => {
  try {
    for (const one of FILES) bundleFile(root, folder, one)
    return undefined
  } catch (error) {
    return `ibot could not be bundled: ${error.message}`
  }
}

module.exports = { FILES, bundle, noticeOf }
