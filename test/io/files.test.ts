import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defect, missing } from '../../src/base/failure'
import { byCodePoint } from '../../src/io/codePoints'
import { cacheFolder, fileFailure, makeFolder, readFile, writeAtomically } from '../../src/io/files'

/** A disk that is full after the first bytes, while `full` is true. */
const disk = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>()
  const open: typeof real.open = async (...args) => {
    const file = await real.open(...args)
    if (disk.full)
      file.writeFile = async () => {
        await file.write(Uint8Array.of(1, 2, 3))
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
    return file
  }
  return { ...real, open }
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibot-files-'))
})
afterEach(() => {
  disk.full = false
  rmSync(folder, { recursive: true })
})
afterAll(() => {
  vi.restoreAllMocks()
})

describe('writeAtomically', () => {
  it('writes bytes and texts, over what was there, and leaves nothing beside them', async () => {
    const path = join(folder, 'a.bin')
    expect(await writeAtomically(path, Uint8Array.of(0, 255, 7))()).toEqual(E.right(undefined))
    expect([...readFileSync(path)]).toEqual([0, 255, 7])
    expect(await writeAtomically(path, 'zwölf')()).toEqual(E.right(undefined))
    expect(readFileSync(path, 'utf8')).toBe('zwölf')
    expect(readdirSync(folder)).toEqual(['a.bin'])
  })

  it('leaves the old file as it was if the disk fills up, and nothing beside it', async () => {
    const path = join(folder, 'a.bin')
    writeFileSync(path, 'old')
    disk.full = true
    expect(await writeAtomically(path, 'new and longer')()).toEqual(
      E.left(missing(`cannot write ${path}: no space is left on the disk`, 'Free some space or choose another disk.')),
    )
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a.bin'])
  })

  it('removes its temporary file if the name is taken by a folder', async () => {
    const path = join(folder, 'taken')
    await makeFolder(join(path, 'inner'))()
    expect(await writeAtomically(path, 'x')()).toEqual(
      E.left(missing(`cannot write ${path}: it is a folder, not a file`, 'Name a file.')),
    )
    expect(readdirSync(folder)).toEqual(['taken'])
  })

  it('says if the folder is not there', async () => {
    const path = join(folder, 'none', 'a.bin')
    expect(await writeAtomically(path, 'x')()).toEqual(
      E.left(
        missing(
          `cannot write ${path}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })

  it('keeps one of two contents whole when both are written at once', async () => {
    const path = join(folder, 'a.txt')
    const contents = ['a'.repeat(300_000), 'b'.repeat(200_000)]
    await Promise.all(contents.map((content) => writeAtomically(path, content)()))
    expect(contents).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })
})

describe('readFile', () => {
  it('gives the bytes', async () => {
    writeFileSync(join(folder, 'a'), Uint8Array.of(9, 8))
    const bytes = await readFile(join(folder, 'a'), 'the checkpoint')()
    expect(E.isRight(bytes) && [...bytes.right]).toEqual([9, 8])
  })

  it('says what is not there', async () => {
    expect(await readFile(join(folder, 'b'), 'the checkpoint')()).toEqual(
      E.left(
        missing(
          `cannot read the checkpoint ${join(folder, 'b')}: there is no such file or folder`,
          'Check the path; it is taken from the folder in which the command runs.',
        ),
      ),
    )
  })

  it('says that a folder is none', async () => {
    expect(await readFile(folder, 'the checkpoint')()).toEqual(
      E.left(missing(`cannot read the checkpoint ${folder}: it is a folder, not a file`, 'Name a file.')),
    )
  })
})

describe('fileFailure', () => {
  const system = (code: string) => fileFailure('cannot read x')(Object.assign(new Error(`${code}: text of the system`), { code }))
  it.each([
    ['EACCES', 'permission denied', 'Check the permissions of the path and of the folders above it.'],
    ['EROFS', 'the disk can only be read', 'Choose another disk.'],
    ['EIO', 'EIO: text of the system', 'Check the disk and the path.'],
  ])('explains %s', (code, reason, remedy) => {
    expect(system(code)).toEqual(missing(`cannot read x: ${reason}`, remedy))
  })

  it('tells a lack that passes from a fault of the file', () => {
    const remedy = 'Raise the limit (ulimit -n).'
    expect(system('EMFILE')).toEqual({ ...missing('cannot read x: too many files are open', remedy), passing: true })
  })

  it('takes anything else for a mistake of ours', () => {
    const error = new TypeError('x is not a function')
    expect(fileFailure('cannot read x')(error)).toEqual(defect(error))
  })
})

describe('cacheFolder', () => {
  const at = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') =>
    cacheFolder({ env, platform, home: '/home/eva' })
  it.each([
    [at({ IBOT_CACHE: '/fast/cache', XDG_CACHE_HOME: '/xdg' }), '/fast/cache'],
    [at({ IBOT_CACHE: '', XDG_CACHE_HOME: '/xdg' }), '/xdg/ibot'],
    [at({ XDG_CACHE_HOME: 'relative' }), '/home/eva/.cache/ibot'],
    [at({}), '/home/eva/.cache/ibot'],
    [at({}, 'darwin'), '/home/eva/Library/Caches/ibot'],
    [at({ LOCALAPPDATA: '/local' }, 'win32'), '/local/ibot'],
    [at({}, 'win32'), '/home/eva/AppData/Local/ibot'],
  ])('is %s', (found, expected) => {
    expect(found).toBe(expected)
  })

  it('asks this process unless told otherwise', () => {
    vi.stubEnv('IBOT_CACHE', folder)
    expect(cacheFolder()).toBe(folder)
    vi.unstubAllEnvs()
  })
})

describe('byCodePoint', () => {
  it('is the order of the UTF-8 bytes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{ff5e}', '\u{1f600}', '\u{1f601}', '\u{10ffff}') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(byCodePoint(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
    expect(['\u{1f600}', '\u{ff5e}', 'b', 'ab', 'a'].sort(byCodePoint)).toEqual(['a', 'ab', 'b', '\u{ff5e}', '\u{1f600}'])
  })
})
