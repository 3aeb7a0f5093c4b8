/** assembly/pixels.ts compiled to WebAssembly and written as text: src/image/kernel/binary.ts, which `npm run generate` writes. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')
export const BINARY = 'src/image/kernel/binary.ts'
const COMPILER = join(ROOT, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
const OPTIONS = [
  '--enable',
  'simd',
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--importMemory',
  '--initialMemory',
  '1',
]

const SOURCE = join(ROOT, 'assembly', 'pixels.ts')

/** What binary.ts says of the source that it was compiled from. */
export const origin = (): string => createHash('sha256').update(readFileSync(SOURCE)).update(OPTIONS.join()).digest('hex')

export const binaryText = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ibot-kernels-'))
  try {
    const file = join(folder, 'pixels.wasm')
    execFileSync(process.execPath, [COMPILER, SOURCE, '--outFile', file, ...OPTIONS])
    return `/** assembly/pixels.ts (SHA-256 with the compiler's options: ${origin()}), compiled by 'npm run generate'. */\nexport const PIXELS =\n  '${readFileSync(file, 'base64')}'\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}
