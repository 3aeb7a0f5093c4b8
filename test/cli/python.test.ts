/** Python is asked for TensorFlow's library and downloads it; nothing that lies in the current folder has a part in it. */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folder, start, TINY } from './ibot'

describe.skipIf(spawnSync('python3', ['-m', 'pip', '--version']).status !== 0)('what lies in the current folder', () => {
  const evil = (name: string): string => `open(${JSON.stringify(name)}, 'w')\nraise SystemExit(0)\n`
  /** A folder whose files, if they run, leave a file `ran` there. */
  const trap = (): string => {
    const cwd = folder({ 'tiny.yaml': TINY })
    for (const name of ['json', 'pip', 'importlib', 'encodings', 'sitecustomize', 'site', 'tensorflow'])
      writeFileSync(join(cwd, `${name}.py`), evil(join(cwd, 'ran')))
    writeFileSync(join(cwd, 'python3'), `#!/bin/sh\ntouch '${join(cwd, 'ran')}'\n`, { mode: 0o755 })
    return cwd
  }

  test.each([['doctor'], ['check', 'tiny.yaml'], ['run', 'tiny.yaml'], ['setup']])(
    'is not run by Python: ibot %s',
    async (...args) => {
      const cwd = trap()
      const env = {
        PATH: `.:${dirname(process.execPath)}::${process.env.PATH}`,
        IBOT_TENSORFLOW: '',
        IBOT_CACHE: 'cache',
        PIP_CONFIG_FILE: '/dev/null',
        PIP_INDEX_URL: 'http://127.0.0.1:9',
        PIP_RETRIES: '0',
        PYTHONPATH: '',
      }
      const ended = await start(cwd, args, env)
      expect(existsSync(join(cwd, 'ran'))).toBe(false)
      if (args[0] === 'setup') expect(ended.code).toBe(3)
    },
  )
})
