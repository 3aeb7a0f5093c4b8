/**
 * Puts tfjs-node's kernels into the compiled file that loads them. So who installs the package needs no
 * @tensorflow/tfjs-node-gpu, whose install script downloads an add-on that isn't used.
 */
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')

/** The packages whose code goes into the file. */
const BUNDLED = ['@tensorflow/tfjs-node-gpu', 'google-protobuf']
/** What stays a dependency, so that there is one tfjs-core. */
const EXTERNAL = ['@tensorflow/tfjs', '@tensorflow/tfjs-core']

/** Name, version and licence of a package with the licence's text; where a package ships none, it is Apache-2.0, as ours. */
const noticeOf = (root, name) => {
  const folder = join(root, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const own = readdirSync(folder).find((file) => /^licen[cs]e(\.md|\.txt)?$/i.test(file))
  if (own === undefined && license !== 'Apache-2.0') throw new Error(`${name} has no file with its licence`)
  const text = readFileSync(own === undefined ? join(root, 'LICENSE') : join(folder, own), 'utf8')
  return `${name} ${version}, ${license}\n\n${text.trim()}\n`
}

/** Bundles what a folder of compiled files loads of tfjs-node; undefined, or why that can't be done. */
const bundle = (root, folder) => {
  const loader = join(folder, 'tensorflow', 'tfjsNode.js')
  if (!existsSync(loader)) return undefined
  try {
    const { metafile } = createRequire(join(root, 'package.json'))('esbuild').buildSync({
      absWorkingDir: root,
      entryPoints: [loader],
      outfile: loader,
      allowOverwrite: true,
      bundle: true,
      external: EXTERNAL,
      platform: 'node',
      target: 'node20',
      legalComments: 'inline',
      metafile: true,
      logLevel: 'silent',
    })
    const from = Object.keys(metafile.inputs).map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
    const others = from.filter((name) => name !== undefined && !BUNDLED.includes(name))
    if (others.length > 0) throw new Error(`tfjs-node's kernels came with ${[...new Set(others)].join(', ')}`)
    const notices = BUNDLED.map((name) => noticeOf(root, name)).join(`\n${'-'.repeat(80)}\n\n`)
    writeFileSync(`${loader}.LICENSES.txt`, `tfjsNode.js contains code of:\n\n${notices}`)
    return undefined
  } catch (error) {
    return `ibot could not be bundled: ${error.message}`
  }
}

module.exports = { bundle }
