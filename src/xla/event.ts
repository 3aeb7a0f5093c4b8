/** Waiting for what a plugin does in the background. */
import { type Address, NULL } from './layout'
import type { Plugin } from './pjrt'

/**
 * Waits for an event, off JavaScript's thread, and destroys it. Throws the XlaError that it ends with. A thread waits, rather than
 * a callback of the plugin's threads, which would wait in turn for JavaScript's.
 */
export const settled = async ({ call, later }: Plugin, event: Address): Promise<void> => {
  if (event === NULL) return
  try {
    if (call('Event_IsReady', { event }).is_ready) call('Event_Error', { event })
    else await later('Event_Await', { event })
  } finally {
    call('Event_Destroy', { event })
  }
}

/** Waits for all of several events, as `settled`; throws the first error when all have ended. */
export const allSettled = async (plugin: Plugin, events: readonly Address[]): Promise<void> => {
  const errors: unknown[] = []
  // One after the other: each that waits takes one of few threads.
  for (const event of events) await settled(plugin, event).catch((error) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}
