import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, ibot, start, TINY } from './ibot'

test('replay shows the first operation that gave a non-finite number, what it took and what it gave', async () => {
  const cwd = folder({ 'tiny.yaml': TINY.replace(/- adamw: .*/, '- adamw: { lr: 1e20 }') })
  const run = await start(cwd, ['run', 'tiny.yaml', '--backend', 'wasm'])
  expect(run.code).toBe(4)
  expect(run.stderr).toContain(`'ibot replay ${join('runs', 'tiny')}' runs this step again, op by op.`)
  const { code, stdout } = await start(cwd, ['replay', 'runs/tiny'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^step {6}2 of 4: [\d,]+ operations on wasm\nreported {2}loss NaN, clsDistillation\.loss NaN, maskedImageModeling\.loss NaN\nfirst {5}\w+ in 'vit' after (student|teacher)\.backbone\.\S+\ntakes {5}\[.*\] {2}from -\d/,
  )
  const json = await start(cwd, ['replay', 'runs/tiny', '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ step: 2, steps: 4, first: { where: { stage: 'vit', gradient: false } } })
})

test('a folder without a run is told', async () => {
  const { code, stderr } = await ibot('replay', 'nowhere')
  expect(code).toBe(2)
  expect(stderr).toContain('nowhere  there is no run in this folder to look at')
})
