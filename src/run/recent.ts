/** Means over the last few values of each of several numbers. */

export interface Recent {
  readonly add: (values: Readonly<Record<string, number>>) => void
  readonly means: () => Readonly<Record<string, number>>
}

export const recent = (count: number): Recent => {
  const window: Readonly<Record<string, number>>[] = []
  return {
    add: (values) => {
      window.push(values)
      if (window.length > count) window.shift()
    },
    means: () =>
      Object.fromEntries(
        Object.keys(window[window.length - 1] ?? {}).map((name) => [
          name,
          window.reduce((sum, values) => sum + (values[name] ?? 0), 0) / window.length,
        ]),
      ),
  }
}
