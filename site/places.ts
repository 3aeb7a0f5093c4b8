/** Where on the site each file of the repository is that its pages may link. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Pages that aren't in docs/, and what the site calls them. */
export const PAGES: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'bench/README.md': 'bench.md',
}

/** Folders, the pages that list what is in them. */
const FOLDERS: Readonly<Record<string, string>> = { pipelines: 'recipes.md', 'pipelines/eval': 'recipes.md', docs: 'index.md' }

/** Files that are shown as they are, each on a page of its own. */
const SHOWN = ['examples', 'pipelines']

const below = (root: string, folder: string): readonly string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`
    return statSync(join(root, path)).isDirectory() ? below(root, path) : [path]
  })

/** The schema is for editors, and too long to be looked at. */
const isShown = (path: string): boolean => SHOWN.some((folder) => path.startsWith(`${folder}/`)) && !path.endsWith('.json')

export const shownFiles = (root: string): readonly string[] => SHOWN.flatMap((folder) => below(root, folder)).filter(isShown)

/** The page of a file or a folder, by its path in the repository; undefined where the site has none. */
export const placeOf = (path: string): string | undefined => {
  const clean = path.replace(/\/$/, '')
  if (clean === 'README.md') return 'index.md'
  if (clean in PAGES) return PAGES[clean]
  if (clean in FOLDERS) return FOLDERS[clean]
  if (clean.startsWith('docs/') && clean.endsWith('.md')) return clean.slice('docs/'.length)
  return isShown(clean) ? `files/${clean}.md` : undefined
}
