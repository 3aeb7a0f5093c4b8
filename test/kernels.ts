/** What is in assembly/, compiled to WebAssembly and written as text, which `npm run generate` does. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')
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

/** One file of kernels. */
export interface Kernel {
  readonly source: string
  /** Where its text is written, and the name that it has there. */
  readonly binary: string
  readonly name: string
}

export const PIXELS: Kernel = { source: 'assembly/pixels.ts', binary: 'src/image/kernel/binary.ts', name: 'PIXELS' }
export const RING: Kernel = { source: 'assembly/ring.ts', binary: 'src/cluster/ring/binary.ts', name: 'RING' }
export const KERNELS: readonly Kernel[] = [PIXELS, RING]

/** What a binary says of the source that it was compiled from. */
const originOf = ({ source }: Kernel): string =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, source)))
    .update(OPTIONS.join())
    .digest('hex')

export const isUpToDate = (kernel: Kernel): boolean => readFileSync(join(ROOT, kernel.binary), 'utf8').includes(originOf(kernel))

export const binaryText = (kernel: Kernel): string => {
  const { source, name } = kernel
  const folder = mkdtempSync(join(tmpdir(), 'ibot-kernels-'))
  try {
    const file = join(folder, 'kernels.wasm')
    execFileSync(process.execPath, [COMPILER, join(ROOT, source), '--outFile', file, ...OPTIONS])
    return `/** ${source} (SHA-256 with the compiler's options: ${originOf(kernel)}), compiled by 'npm run generate'. */\nexport const ${name} =\n  '${readFileSync(file, 'base64')}'\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The functions that a text of AssemblyScript exports, and those that an interface declares: `name(a, b): void`, in their order. */
export const exportedBy = (source: string): readonly string[] =>
  [...source.matchAll(/^export function (\w+)\(([^)]*)\): (\w+)/gm)].map(([, name, parameters, gives]) =>
    signature(name!, parameters!, gives === 'void' ? 'void' : 'number'),
  )
export const declaredBy = (types: string): readonly string[] =>
  [...types.matchAll(/^ {2}readonly (\w+): \(([^)]*)\) => (void|number)$/gm)].map(([, name, parameters, gives]) =>
    signature(name!, parameters!, gives!),
  )
const signature = (name: string, parameters: string, gives: string): string =>
  `${name}(${[...parameters.matchAll(/(\w+):/g)].map(([, parameter]) => parameter).join(', ')}): ${gives}`
