/** What a plugin of XLA says of itself, once it is loaded into this process, where it stays. */
import * as E from 'fp-ts/Either'
import { createClient } from '../../xla/client'
import { loadPlugin } from '../../xla/pjrt'
import type { ProbePlugin } from '../../xla/plugin/examine'
import { clientOptions, devicesOf } from './open'

export const probePlugin: ProbePlugin = async (plugin) => {
  const loaded = loadPlugin(plugin.file)
  if (E.isLeft(loaded)) throw new Error('message' in loaded.left ? loaded.left.message : 'it cannot be loaded')
  const { major, minor } = loaded.right.version
  const client = await createClient(loaded.right, clientOptions(process.env, plugin, 1))
  try {
    return { apiVersion: `${major}.${minor}`, platform: client.platform, devices: devicesOf(client) }
  } finally {
    client.dispose()
  }
}
