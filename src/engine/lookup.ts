/** Values by name, each made when it is first asked for, and once. */
export const lookup = <A>(what: string, make: Readonly<Record<string, () => A>>): ((name: string) => A) => {
  const made = new Map<string, A>()
  return (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const one = make[name]
    if (one === undefined) throw new RangeError(`no ${what} ${name}`)
    const value = one()
    made.set(name, value)
    return value
  }
}
