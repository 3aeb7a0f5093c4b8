/**
 * Loaded before a run: kills the process (SIGKILL) at the n-th thing that it does to a file, n from the environment. A file
 * that is written then is written in part; a rename, a removal or a sync is done or not, as KILL_AFTER says.
 */
const fs = require('node:fs')
const promises = require('node:fs/promises')
const { resolve } = require('node:path')

const folder = process.env.KILL_FOLDER
const after = process.env.KILL_AFTER === '1'
const share = Number(process.env.KILL_SHARE)
let left = Number(process.env.KILL_AT)

const kill = () => {
  process.kill(process.pid, 'SIGKILL')
  // The signal may take a moment; nothing more must happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
const isOurs = (path) => resolve(String(path)).startsWith(folder)
const isTime = () => --left === 0

/** Something that happens as a whole or not at all. */
const whole = (object, name, concerns) => {
  const real = object[name]
  object[name] = async function (...args) {
    if (!concerns(...args)) return real.apply(this, args)
    const now = isTime()
    if (now && !after) kill()
    const result = await real.apply(this, args)
    if (now) kill()
    return result
  }
}
whole(promises, 'rename', isOurs)
whole(promises, 'rm', isOurs)
whole(promises, 'mkdir', isOurs)

const append = promises.appendFile
promises.appendFile = async (path, text) => {
  if (isOurs(path) && isTime()) {
    fs.appendFileSync(path, text.slice(0, Math.floor(share * text.length)))
    kill()
  }
  return append(path, text)
}

const open = promises.open
promises.open = async (...args) => {
  const file = await open(...args)
  if (!isOurs(args[0])) return file
  const write = file.writeFile.bind(file)
  file.writeFile = async (content) => {
    if (isTime()) {
      await write(content.slice(0, Math.floor(share * content.length)))
      kill()
    }
    return write(content)
  }
  whole(file, 'sync', () => true)
  return file
}
