/** The first of some names, and how many more there are: `a, b, c and 7 more`. */
export const listed = (names: readonly string[], most = 10): string =>
  // Two more take hardly more room than the words for it.
  names.length <= most + 1 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
