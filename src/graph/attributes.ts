/** What an operation is told, by name. */
import type { Dtype } from './dtype'
import type { Attributes } from './operation'

/** Whether it is told that something is so. */
export const flag = (attributes: Attributes, name: string): boolean => {
  const found = attributes[name]
  return found !== undefined && 'bool' in found && found.bool
}

export const integer = (attributes: Attributes, name: string, otherwise = 0): number => {
  const found = attributes[name]
  return found !== undefined && 'int' in found ? found.int : otherwise
}

export const float = (attributes: Attributes, name: string, otherwise: number): number => {
  const found = attributes[name]
  return found !== undefined && 'float' in found ? found.float : otherwise
}

export const integers = (attributes: Attributes, name: string, otherwise: readonly number[] = []): readonly number[] => {
  const found = attributes[name]
  return found !== undefined && 'ints' in found ? found.ints : otherwise
}

export const text = (attributes: Attributes, name: string, otherwise = ''): string => {
  const found = attributes[name]
  return found !== undefined && 'string' in found ? found.string : otherwise
}

export const typeIn = (attributes: Attributes, name: string, otherwise: Dtype): Dtype => {
  const found = attributes[name]
  return found !== undefined && 'type' in found ? found.type : otherwise
}
