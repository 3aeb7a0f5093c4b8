/** Whether something that comes every so many steps is due after a step; never where that isn't said. */
export const period =
  (steps: number | undefined) =>
  (done: number): boolean =>
    steps !== undefined && done % Math.max(1, steps) === 0
