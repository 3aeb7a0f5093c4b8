/** Features that another process has laid down: rows, and their labels. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const bytes = (folder: string, file: string): ArrayBuffer => new Uint8Array(readFileSync(join(folder, file))).buffer

export const readBank = (folder: string, name: 'bank' | 'queries') => ({
  values: new Float32Array(bytes(folder, `${name}.f32`)),
  labels: new Uint32Array(bytes(folder, `${name}.u32`)),
})
