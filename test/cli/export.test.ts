import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runWith } from '../export/folder'
import { folder, ibot, start } from './ibot'

test('export says what it wrote, how far it is from the network, and how to load it', async () => {
  const run = await runWith()
  const { code, stdout, stderr } = await start(folder(), ['export', run, '--to', 'timm'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const path = join(run, 'exports', 'teacher-timm')
  const [first, second, third] = stdout.split('\n')
  expect(first).toMatch(`ok  ${path}: the teacher after 6 steps, 19,560 parameters, `)
  expect(second).toMatch(/^ {4}its outputs for 3 images differ from the run's network by at most (nothing|\d\.\de-\d+)$/)
  expect(third).toBe(`    timm.create_model("local-dir:${path}", pretrained=True)`)
  expect(existsSync(join(path, 'model.safetensors'))).toBe(true)
})

test('export in JSON', async () => {
  const run = await runWith()
  const where = folder({ taken: '' })
  const made = await start(where, ['export', run, '--to', 'safetensors', '--out', 'net.safetensors', '--json'])
  expect(JSON.parse(made.stdout)).toMatchObject({ ok: true, path: 'net.safetensors', network: 'teacher', step: 6 })
  const refused = await start(where, ['export', run, '--to', 'safetensors', '--out', 'taken', '--json'])
  expect(refused.code).toBe(3)
  expect(JSON.parse(refused.stdout)).toEqual({
    ok: false,
    exit: 3,
    message: 'taken is there already, and an export overwrites nothing',
    suggestion: "Choose another place with '--out'.",
  })
})

test("what can't be exported is told without a trace", async () => {
  const none = await ibot('export', 'runs/none', '--to', 'timm')
  expect(none).toMatchObject({ code: 2, stdout: '' })
  expect(none.stderr).toBe('runs/none  there is no run in this folder to export\n  runs are in runs/\n\n1 problem\n')
  const headed = await start(folder(), ['export', await runWith(), '--to', 'timm', '--with-head'])
  expect(headed).toMatchObject({ code: 2, stdout: '' })
  expect(headed.stderr).toBe(
    "--to  timm has no network with iBOT's projection head\n  export to onnx, tfjs or saved-model, which hold the computation itself, or to safetensors\n\n1 problem\n",
  )
  const format = await ibot('export', 'runs/none', '--to', 'pickle')
  expect(format.code).toBe(2)
  expect(format.stderr).toContain("argument 'pickle' is invalid. Allowed choices are ")
})

test('a damaged checkpoint is refused', async () => {
  const run = await runWith()
  writeFileSync(join(run, 'checkpoints', 'step-00000007.safetensors'), 'nothing')
  const { code, stderr } = await start(folder(), ['export', run, '--to', 'safetensors'])
  expect(code).toBe(3)
  expect(stderr).toContain('is damaged: ')
})
