/** `npm run gpu-kit -- --out FOLDER`: a folder with all that it takes to try ibot on a machine with a GPU, an installed JAX and nothing else. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { NODE, PARTS } from './parts'
import { ROOT } from './root'
import { LIMIT, sizeOf } from './size'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const fail = (problem: string): void => {
  process.stderr.write(`gpu-kit: ${problem}\n`)
  process.exitCode = 1
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const make = async (kit: string): Promise<void> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return fail('a kit is made on Linux x64, whose Node.js and libraries it brings along')
  if (existsSync(kit)) return fail(`${kit} is there already; nothing is overwritten`)
  // The programs are bundled from the build.
  const built = spawnSync(process.execPath, [join(ROOT, 'bin', 'ibot.js'), '--version'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (built.status !== 0) return fail('ibot could not be built')
  await mkdir(kit, { recursive: true })
  let before = 0
  for (const { name, write } of [...PARTS, NODE]) {
    await write(kit)
    const size = await sizeOf(kit)
    say(`${megabytes(size - before).padStart(8)}  ${name}`)
    before = size
  }
  say(`${megabytes(before).padStart(8)}  ${kit}`)
  if (before > LIMIT) fail(`that is more than ${megabytes(LIMIT)}`)
}

new Command('gpu-kit')
  .description(
    'Makes a folder with which ibot is tried on a machine with an NVIDIA GPU and JAX, without a network. docs/gpu.md says how.',
  )
  .requiredOption('--out <folder>', 'the folder, which is made')
  .action(({ out }) => make(resolve(out)))
  .parseAsync()
  .catch((error: Error) => fail(error.message))
