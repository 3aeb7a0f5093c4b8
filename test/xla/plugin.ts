/** XLA's plugin for the processor, for tests. */
import * as E from 'fp-ts/Either'
import { createClient, type XlaClient } from '../../src/xla/client'
import { loadPlugin, type Plugin } from '../../src/xla/pjrt'

/** Set by the tests' global setup, where the plugin can be had: its file. */
export const PLUGIN = 'IBOT_TEST_XLA_PLUGIN'

/** Whether it can't be had, and tests that need it are skipped. */
export const withoutPlugin = !process.env[PLUGIN]

/** The plugin; what is wrong with it is thrown. */
export const testPlugin = (): Plugin => {
  const plugin = loadPlugin(process.env[PLUGIN]!)
  if (E.isLeft(plugin)) throw new Error(JSON.stringify(plugin.left))
  return plugin.right
}

/** A client with so many CPUs. */
export const testClient = (devices: number): Promise<XlaClient> =>
  createClient(testPlugin(), { cpu_device_count: { int64: devices } })
