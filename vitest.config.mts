import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['test/build.ts', 'test/tensorflow.setup.ts', 'test/xla.setup.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than by default, which leaves a core to nobody: files wait for processes and disks now and then.
    maxWorkers: availableParallelism(),
  },
})
