/** Memory of this process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Engine } from '../../src/engine/engine'
import type { Answer } from '../programs/child'

const STATUS = '/proc/self/status'

/** Open files; 0 where the system doesn't tell. */
const openFiles = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0)

/** Resident bytes, the peak and what there is now; how many tensors tfjs holds, and how many files are open. */
export const memory = (): Answer => {
  globalThis.gc?.()
  const { numTensors: tensors } = tf.memory()
  const files = openFiles()
  if (!existsSync(STATUS))
    return { peak: 1024 * process.resourceUsage().maxRSS, resident: process.memoryUsage.rss(), tensors, files }
  const status = readFileSync(STATUS, 'utf8')
  const bytes = (field: string): number => 1024 * Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)![1])
  return { peak: bytes('VmHWM'), resident: bytes('VmRSS'), tensors, files }
}

/** Bytes of the first device that were in use at most, where the engine tells them. */
export const deviceMemory = (engine: Engine): Answer => {
  const peak = engine.devices()[0]?.peak
  return peak === undefined ? {} : { device: peak }
}
