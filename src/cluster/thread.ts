/** The program of the thread that talks to other members: what trains may keep the main one busy for minutes. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Asked, PostData, Told } from './options'
import { startPost } from './post'

const port = parentPort
if (port !== null) {
  const ask = startPost(workerData as PostData, (told: Told) => {
    port.postMessage(told)
    // With it the thread ends.
    if (told.kind === 'failed' || told.kind === 'left') port.close()
  })
  port.on('message', (asked: Asked) => ask(asked))
}
