/** How the two kinds of token reach their prototypes. */
import { kind, op } from '../../dsl/type'

export interface HeadOutput {
  readonly shared: boolean
  readonly prototypes: { readonly cls: number; readonly patch: number }
}

export const headOutput = kind<HeadOutput>()({ name: 'headOutput', article: 'a head output' })
export const anyOutput = op(headOutput)
