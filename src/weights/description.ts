/** What ibot's own files of weights say of their network, besides the shapes. */
import type { Architecture } from '../nn/architecture'

/** What a file of ibot's says of a network whose weights it holds, for its metadata. */
export const description = (
  architecture: Architecture,
  { size, mean, std }: { readonly size: readonly number[]; readonly mean: readonly number[]; readonly std: readonly number[] },
) => ({ architecture: JSON.stringify(architecture), images: JSON.stringify({ size, mean, std }) })
