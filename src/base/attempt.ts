/** What can be read, or undefined where it can't be, for whatever reason. */
export const attempt = <A>(read: () => A): A | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
