/** Starts things one after the other, each when the one before has ended or failed. */
export type InOrder = <A>(start: () => Promise<A>) => Promise<A>

export const newQueue = (): InOrder => {
  let last: Promise<unknown> = Promise.resolve()
  return (start) => {
    const started = last.then(start)
    last = started.catch(() => undefined)
    return started
  }
}
