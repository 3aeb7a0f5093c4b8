/** The machine and the user's settings, as far as they decide where the library is and which one fits. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { attempt } from '../../base/attempt'
import { type Host as AnyHost, thisHost as anyHost } from '../../wheels/host'

export interface Host extends AnyHost {
  /** The folder of the npm package @tensorflow/tfjs-node-gpu, where there is one. */
  readonly tfjsNode: string | undefined
}

const tfjsNode = (): string | undefined =>
  attempt(() => dirname(createRequire(join(__dirname, 'host.js')).resolve('@tensorflow/tfjs-node-gpu/package.json')))

/** This machine, and the environment of this process. */
export const thisHost = (): Host => ({ ...anyHost(), tfjsNode: tfjsNode() })
