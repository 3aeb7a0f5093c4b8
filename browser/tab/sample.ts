/** The files of Fashion-MNIST's sample, which lie beside the page. */
import { FASHION_FILES } from '../../src/io/fashionFiles'

/** The folder of the sample, and how many pictures it has of each split. */
export const SAMPLE = 'fashion-mnist'
export const SAMPLED = { train: 4000, test: 1000 } as const

/** Where the sample of a split is, packed. */
export const sampleFiles = (split: keyof typeof FASHION_FILES): { readonly images: string; readonly labels: string } => ({
  images: `${SAMPLE}/${FASHION_FILES[split].images}.gz`,
  labels: `${SAMPLE}/${FASHION_FILES[split].labels}.gz`,
})

export const isSample = (path: string): boolean =>
  [sampleFiles('train'), sampleFiles('test')].some(({ images, labels }) => path === images || path === labels)
