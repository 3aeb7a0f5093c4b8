/** Folders that somebody drops on the page or chooses. */
import type { Dropped } from './dropped'

const entriesIn = (folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> => {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  // It gives a hundred at a time, and none at the end.
  return new Promise((resolve, reject) => {
    const next = (): void =>
      reader.readEntries((some) => {
        if (some.length === 0) return resolve(all)
        all.push(...some)
        next()
      }, reject)
    next()
  })
}

const filesOf = async (entry: FileSystemEntry, path: string): Promise<readonly Dropped[]> => {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ path, file }]
  }
  const inside = await entriesIn(entry as FileSystemDirectoryEntry)
  return (await Promise.all(inside.map((one) => filesOf(one, `${path}/${one.name}`)))).flat()
}

/** All files of the folders among what was dropped; files that were dropped by themselves belong to no folder. */
export const droppedFiles = async ({ items }: DataTransfer): Promise<readonly Dropped[]> => {
  // The list is empty once the event is over.
  const folders = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry?.isDirectory === true)
  return (await Promise.all(folders.map((folder) => filesOf(folder!, folder!.name)))).flat()
}

/** All files of the folder that was chosen. */
export const chosenFiles = (files: FileList): readonly Dropped[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath, file }))
