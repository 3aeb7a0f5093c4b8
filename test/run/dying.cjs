/**
 * Loaded before a run: the member that DYING names (`rank line file`) kills itself once so many lines of metrics are in the file,
 * unless it did so before.
 */
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const [rank, lines, file] = (process.env.DYING ?? '').split(' ')
if (isMainThread && file !== undefined && process.env.IBOT_RANK === rank) {
  const look = () => {
    const dead = `${file}.dead`
    if (!existsSync(file) || existsSync(dead) || readFileSync(file, 'utf8').split('\n').length <= Number(lines)) return
    writeFileSync(dead, '')
    process.kill(process.pid, 'SIGKILL')
  }
  setInterval(look, 2).unref()
}
