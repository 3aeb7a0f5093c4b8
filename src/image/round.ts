/**
 * The nearest integer, halves to the even one: Python's `round`, which torchvision uses for crop sizes and offsets
 * (JavaScript's `Math.round` takes halves up).
 */
export const roundHalfEven = (value: number): number => {
  const below = Math.floor(value)
  const excess = value - below
  return excess < 0.5 || (excess === 0.5 && below % 2 === 0) ? below : below + 1
}
