/** Recorded steps of the official code, of those that the tests compare with. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './root'

/** Where they are in the kit. */
export const FIXTURES = join('bench', 'golden')

const NAMES = ['train_shared_clip3', 'train_default_heads']

export const writeFixtures = async (kit: string): Promise<void> => {
  for (const name of NAMES)
    for (const ending of ['json', 'safetensors'])
      await cp(join(ROOT, 'test', 'golden', `${name}.${ending}`), join(kit, FIXTURES, `${name}.${ending}`))
}
