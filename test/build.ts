/** Builds the command line once before all tests, the way that its first start in a checkout does. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export default (): void => {
  const { status, stderr } = spawnSync(process.execPath, [join(__dirname, '..', 'bin', 'ibot.js'), '--version'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`ibot could not be built:\n${stderr}`)
}
