/** A page for each pipeline and each example, which shows it as it is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shownFiles } from '../places.js'

const ROOT = join(import.meta.dirname, '..', '..')
const LANGUAGES: Readonly<Record<string, string>> = { mjs: 'js' }

const page = (file: string) => {
  const ending = file.slice(file.lastIndexOf('.') + 1)
  const text = readFileSync(join(ROOT, file), 'utf8')
  return { params: { file }, content: `# ${file}\n\n\`\`\`\`${LANGUAGES[ending] ?? ending}\n${text}\`\`\`\`\n` }
}

export default {
  watch: ['../../pipelines/**/*.yaml', '../../examples/*'],
  paths: () => shownFiles(ROOT).map(page),
}
