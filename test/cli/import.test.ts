import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GOLDEN } from '../reference'
import { folder, ibot, start } from './ibot'

const OFFICIAL = join(GOLDEN, 'checkpoint.pth')

test('import says what became of a checkpoint, and with which command one goes on', async () => {
  const where = folder()
  const { code, stdout, stderr } = await start(where, ['import', OFFICIAL, '--out', 'small'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    [
      'ok  small: a run after epoch 2, step 3: both networks, moments and centres',
      '    a guess: 3 attention heads, as vit_tiny, whose width is 192 and not 30',
      "    '--heads' says how many, where it is wrong",
      '    ibot run --resume small\n',
    ].join('\n'),
  )
  expect(existsSync(join(where, 'small', 'checkpoints', 'step-00000003.safetensors'))).toBe(true)
  const teacher = await start(where, ['import', OFFICIAL, '--out', 'teacher', '--network', 'teacher'])
  expect(teacher.stdout).toBe(
    [
      'ok  teacher: 38 of 39 weights of the network (official names), and a pipeline that starts from them',
      '    a guess: 3 attention heads, as vit_tiny, whose width is 192 and not 30',
      "    '--heads' says how many, where it is wrong",
      '    not in the file, so they start at random: backbone.masked_embed',
      '    ibot run teacher/pipeline.yaml\n',
    ].join('\n'),
  )
  const stated = await start(where, ['import', OFFICIAL, '--out', 'stated', '--network', 'student', '--heads', '5', '--json'])
  expect(JSON.parse(stated.stdout)).toMatchObject({ ok: true, weights: 39, total: 39, heads: 5, guesses: [] })
  const wrong = await start(where, ['import', OFFICIAL, '--out', 'wrong', '--heads', '4'])
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining("its width is 30, which --heads 4 doesn't divide") })
})

test('import in JSON', async () => {
  const where = folder({ 'args.txt': 'arch: vit_small\n' })
  const made = await start(where, ['import', 'args.txt', '--out', 'recipe', '--json'])
  expect(JSON.parse(made.stdout)).toMatchObject({
    ok: true,
    kind: 'pipeline',
    folder: 'recipe',
    next: 'ibot run recipe/pipeline.yaml',
  })
  const refused = await start(where, ['import', 'none.pth', '--out', 'none', '--json'])
  expect(refused.code).toBe(3)
  expect(JSON.parse(refused.stdout)).toMatchObject({
    ok: false,
    exit: 3,
    message: 'cannot read none.pth: there is no such file or folder',
  })
})

test('what is set is checked, and a folder is needed', async () => {
  const where = folder({ 'args.txt': 'arch: vit_small\n' })
  const wrong = await start(where, ['import', 'args.txt', '--out', 'recipe', '--set', 'vit.heads=5'])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('the heads (5) must divide the width (384)')
  expect(existsSync(join(where, 'recipe'))).toBe(false)
  expect(await ibot('import', OFFICIAL)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("required option '--out <dir>' not specified"),
  })
})
