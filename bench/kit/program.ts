/** All programs of the kit as one: `node kit.js NAME …`. What a program needs is loaded when it is asked for. */

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  ibot: async () => (await import('../../src/cli/main.js')).start(process.argv),
  steps: () => import('../ours/step.js'),
  parity: async () => (await import('./parity.js')).parity(),
  tries: async () => (await import('./tries.js')).tries(process.argv.slice(2)),
}

const [name = ''] = process.argv.splice(2, 1)
const program = PROGRAMS[name]
if (program === undefined) {
  process.stderr.write(`there is no program '${name}': ${Object.keys(PROGRAMS).join(', ')}\n`)
  process.exitCode = 2
} else
  program().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  })
