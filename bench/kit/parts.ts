/** What a kit is made of. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { PROGRAMS, writePackages, writePrograms } from './bundle'
import { writeClothes } from './clothes'
import { writeFixtures } from './fixtures'
import { writeNode } from './node'
import { ROOT } from './root'

export interface Part {
  readonly name: string
  readonly write: (kit: string) => Promise<void>
}

const copied = (name: string, from: string, to: string): Part => ({
  name,
  write: (kit) => cp(join(ROOT, from), join(kit, to), { recursive: true, filter: (path) => !path.includes('__pycache__') }),
})

/** All but Node.js, which takes longest to compress. */
export const PARTS: readonly Part[] = [
  copied('the script', join('bench', 'kit', 'run.sh'), 'run.sh'),
  { name: 'the programs', write: writePrograms },
  { name: 'packages with native code and threads', write: writePackages },
  copied('pipelines', 'pipelines', 'pipelines'),
  copied('what drives the official code', join('bench', 'theirs'), join(PROGRAMS, '..', 'theirs')),
  { name: 'recorded steps of the official code', write: writeFixtures },
  { name: 'pictures of clothes', write: writeClothes },
  copied('licence', 'LICENSE', 'LICENSE'),
]

export const NODE: Part = { name: 'Node.js', write: writeNode }
