import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolders } from '../../src/base/makeFolders'

const root = mkdtempSync(join(tmpdir(), 'ibot-folders-'))
afterAll(() => rmSync(root, { recursive: true }))

test('a folder is made with those above it, also by several at once, and one that is there stays', async () => {
  const path = join(root, 'a', 'b', 'c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolders(path)))
  await makeFolders(path)
  await makeFolders(root)
  await makeFolders('/')
  expect(statSync(path).isDirectory()).toBe(true)
})

test('a file where a folder should be is an error', async () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  await expect(makeFolders(file)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolders(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(existsSync('/proc/self'))('where no folder can be made, that is an error at once', async () => {
  for (const path of ['/proc/x', '/proc/x/y/z', '/proc/self/x'])
    await expect(makeFolders(path)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('several that are made at once below one that is missing are all made', async () => {
  const paths = Array.from({ length: 20 }, (_, i) => join(root, 'many', 'b', `c${i % 4}`, `d${i}`))
  await Promise.all(paths.map(makeFolders))
  expect(paths.map(existsSync)).toEqual(paths.map(() => true))
})
