/** The plugin that tests on XLA compute with: IBOT_XLA_PLUGIN names its file; where it isn't set they are skipped. */
import * as E from 'fp-ts/Either'
import { createClient, type XlaClient } from '../../src/xla/client'
import { loadPlugin, type Plugin } from '../../src/xla/pjrt'

const VARIABLE = 'IBOT_XLA_PLUGIN'
const file = process.env[VARIABLE]

export const withoutPlugin = file === undefined
if (withoutPlugin) process.stderr.write(`tests with an XLA plugin are skipped: ${VARIABLE} is not set\n`)

/** The plugin; what is wrong with it is thrown. */
export const testPlugin = (): Plugin => {
  const plugin = loadPlugin(file!)
  if (E.isLeft(plugin)) throw new Error(JSON.stringify(plugin.left))
  return plugin.right
}

/** A client with so many CPUs. */
export const testClient = (devices: number): Promise<XlaClient> =>
  createClient(testPlugin(), { cpu_device_count: { int64: devices } })
