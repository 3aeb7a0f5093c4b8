/** A folder of very many empty pictures, in classes, as ImageNet's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface FolderSetup {
  readonly folder: string
  /** How many there are. */
  readonly files: number
}

const EMPTY = new Uint8Array(0)

const fill = (folder: string, classes: number, perClass: number): void => {
  for (let one = 0; one < classes; one++) {
    const name = `n${String(one).padStart(8, '0')}`
    mkdirSync(join(folder, name))
    for (let i = 0; i < perClass; i++) writeFileSync(join(folder, name, `${name}_${i}.JPEG`), EMPTY)
  }
}

/** Makes the folder while `use` goes on. */
export const withFolder = async <A>(classes: number, perClass: number, use: (setup: FolderSetup) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-bench-'))
  try {
    fill(folder, classes, perClass)
    return await use({ folder, files: classes * perClass })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
