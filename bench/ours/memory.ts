/** Memory of this process. */
import { existsSync, readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Answer } from '../programs/child'

const STATUS = '/proc/self/status'

/** Resident bytes, the peak and what there is now; and how many tensors tfjs holds. */
export const memory = (): Answer => {
  globalThis.gc?.()
  const { numTensors: tensors } = tf.memory()
  if (!existsSync(STATUS)) return { peak: 1024 * process.resourceUsage().maxRSS, resident: process.memoryUsage.rss(), tensors }
  const status = readFileSync(STATUS, 'utf8')
  const bytes = (field: string): number => 1024 * Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)![1])
  return { peak: bytes('VmHWM'), resident: bytes('VmRSS'), tensors }
}
