/** Builds dist/ of a checkout, which is also what the package holds, with the project's own compiler, where it is missing or older than the sources. */
const { spawnSync } = require('node:child_process')
const { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const { bundle } = require('./bundle.js')
const { writeTypes } = require('./types.js')

/** What the compiler writes last: its time is that of the build. */
const MARK = '.tsbuildinfo'
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package.json']

const timeOf = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** The time of the newest change below a folder; that of the folders themselves tells what was removed. */
const newestIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((newest, entry) => {
    const path = join(folder, entry.name)
    return Math.max(newest, entry.isDirectory() ? newestIn(path) : timeOf(path))
  }, timeOf(folder))

const isStale = (root) => {
  const built = timeOf(join(root, 'dist', MARK))
  if (built === 0 || !existsSync(join(root, 'dist', 'cli', 'main.js'))) return true
  return SETTINGS.some((name) => timeOf(join(root, name)) > built) || newestIn(join(root, 'src')) > built
}

const compilerOf = (root) => {
  try {
    const from = createRequire(join(root, 'package.json'))
    return join(from.resolve('typescript/package.json'), '..', from('typescript/package.json').bin.tsc)
  } catch {
    return undefined
  }
}

/** Puts a new build in the place of the old one. Others may do the same at this moment: one of them wins, all are content. */
const replace = (root, fresh) => {
  const [dist, old] = [join(root, 'dist'), `${fresh}-old`]
  for (let attempt = 1; isStale(root); attempt++) {
    try {
      if (existsSync(dist)) renameSync(dist, old)
      renameSync(fresh, dist)
    } catch (error) {
      if (attempt === 5) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

/** Undefined if dist/ is up to date now, else the exit code and why it isn't. */
const buildIfStale = (root) => {
  try {
    const text = builtIfStale(root)
    return text === undefined ? undefined : { code: 1, text }
  } catch (error) {
    if (error.code !== 'EMFILE' && error.code !== 'ENFILE') throw error
    // As `defect` in src/base/failure.ts says it.
    return { code: 3, text: `error  too many files are open: ${error.message}\n  Raise the limit (ulimit -n).` }
  }
}

const builtIfStale = (root) => {
  if (!isStale(root)) return undefined
  const compiler = compilerOf(root)
  if (compiler === undefined) return 'ibot must be built first, and TypeScript is not installed here.\n  Run: npm ci'
  process.stderr.write(`building ibot (dist/ is ${existsSync(join(root, 'dist')) ? 'older than src/' : 'missing'}) …\n`)
  const began = Date.now() / 1000
  // A folder of its own until it is whole, so that nobody reads half of it.
  const fresh = join(root, `dist.${process.pid}`)
  const mark = join(fresh, MARK)
  const settings = join(root, 'tsconfig.build.json')
  const options = ['-p', settings, '--pretty', 'false', '--noEmitOnError', '--outDir', fresh, '--tsBuildInfoFile', mark]
  const { status, stdout, error } = spawnSync(process.execPath, [compiler, ...options], { cwd: root, encoding: 'utf8' })
  try {
    if (error !== undefined) return `ibot could not be built: ${error.message}`
    if (status !== 0) return `${stdout.trimEnd()}\nibot could not be built: src/ has the mistakes above.`
    const failed = bundle(root, fresh)
    if (failed !== undefined) return failed
    writeTypes(root, fresh)
    const docs = spawnSync(process.execPath, [join(root, 'bin', 'docs.js'), fresh], { encoding: 'utf8' })
    if (docs.status !== 0) return `${docs.stderr}\nibot could not be built: its ops could not be read.`
    // The time at which it began: what was changed meanwhile is newer.
    utimesSync(mark, began, began)
    replace(root, fresh)
    return undefined
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

module.exports = { buildIfStale }

// npm run build
if (require.main === module) {
  const root = join(__dirname, '..')
  rmSync(join(root, 'dist', MARK), { force: true })
  const failed = buildIfStale(root)
  if (failed !== undefined) process.stderr.write(`${failed.text}\n`)
  process.exitCode = failed?.code ?? 0
}
