/** What TensorFlow writes to stderr while it loads, and that the process ends as it should. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withoutNoise } from '../../src/base/quiet'
import { withoutTensorFlow } from '../engine'

test('only what may matter is left', () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
    'I0000 00:00:1795487739.971029   21468 port.cc:153] oneDNN custom operations are on.',
    '2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.',
    'E0000 00:00:1795487739.971029   21468 cuda_dnn.cc:8310] Unable to register cuDNN factory: it is there',
    'E0000 00:00:1795487739.971029   21468 cuda_platform.cc:51] failed call to cuInit: no device',
    'F0000 00:00:1795487739.971029   21468 cpu_feature_guard.cc:10] no AVX',
    'another word',
    '',
  ]
  expect(withoutNoise(log.join('\n'))).toBe([...log.slice(4)].join('\n'))
  expect(withoutNoise('')).toBe('')
})

const DIST = join(__dirname, '..', '..', 'dist')
const LOAD = `
const { findLibrary } = require('${DIST}/tensorflow/library/find.js')
const { loadLibrary } = require('${DIST}/tensorflow/load.js')
void (async () => {
  const found = await findLibrary()()
  const loaded = await loadLibrary(found.right.value)()
  console.log(loaded.right.devices().map(({ type }) => type).includes('CPU'))
  console.error('still here')
})()
`
const load = (env: Readonly<Record<string, string>>) => {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...others } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', LOAD], { encoding: 'utf8', env: { ...others, ...env } })
  return { status, stdout, stderr }
}

test.skipIf(withoutTensorFlow !== undefined)(
  'it loads without a word, stderr works afterwards, and the process ends well',
  () => {
    expect(load({})).toEqual({ status: 0, stdout: 'true\n', stderr: 'still here\n' })
  },
)

test.skipIf(withoutTensorFlow !== undefined)('TF_CPP_MIN_LOG_LEVEL=0 gives the whole log', () => {
  expect(load({ TF_CPP_MIN_LOG_LEVEL: '0' })).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('cpu_feature_guard.cc'),
  })
})
