/** The pipelines that the page begins with. */
import { EXTENSIONS } from '../../src/io/extensions'
import own from './folder.yaml'
import sample from './pipeline.yaml'

/** On Fashion-MNIST's sample. */
export const SAMPLE_PIPELINE = sample

/** Names under which test pictures lie beside those to train on. */
const TESTS = ['test', 'val', 'valid', 'validation']

/** Pictures of a step, and neighbours that vote, where there are as many. */
const [BATCH, K] = [32, 20]

const isPicture = (path: string): boolean => EXTENSIONS.some((ending) => path.toLowerCase().endsWith(ending))

/**
 * A pipeline on the folder of some paths. It trains on what is in `train` where there is such a folder, and measures k-NN where
 * there are classes and pictures to test with.
 */
export const pipelineOn = (paths: readonly string[]): string => {
  const [top = ''] = paths[0]?.split('/') ?? []
  const halves = new Set(paths.map((path) => path.split('/')[1]))
  const test = halves.has('train') ? TESTS.find((name) => halves.has(name)) : undefined
  const folder = halves.has('train') ? `${top}/train` : top
  const used = paths.filter((path) => path.startsWith(`${folder}/`) && isPicture(path))
  const hasClasses = test !== undefined && used.every((path) => path.slice(folder.length + 1).includes('/'))
  const most = (wanted: number): string => String(Math.max(1, Math.min(wanted, used.length)))
  // In quotes, as a name may look like a number; and at once, as it may look like one of these words.
  const words: Readonly<Record<string, string>> = {
    FOLDER: JSON.stringify(folder),
    BATCH: most(BATCH),
    K: most(K),
    TEST: JSON.stringify(`${top}/${test}`),
  }
  const wanted = hasClasses ? own : own.replace(/^ {2}- knn:.*\n/m, '')
  return wanted.replace(/\b(?:FOLDER|BATCH|TEST|K)\b/g, (word) => words[word]!)
}
