/** The Node.js that runs this, compressed: by xz where there is one, whose file is two thirds as large as gzip's. */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const byXz = (file: string): boolean => {
  const out = openSync(file, 'w')
  try {
    return spawnSync('xz', ['-T1', '-9', '-c', process.execPath], { stdio: ['ignore', out, 'ignore'] }).status === 0
  } finally {
    closeSync(out)
  }
}

export const writeNode = async (kit: string): Promise<void> => {
  const file = join(kit, 'node.xz')
  if (byXz(file)) return
  await rm(file)
  await writeFile(join(kit, 'node.gz'), gzipSync(await readFile(process.execPath), { level: 9 }))
}
