/** The password for a machine in a .netrc, where clients of servers keep what they log in by. */
export const passwordIn = (netrc: string, machine: string): string | undefined => {
  const words = netrc
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join(' ')
    .split(/\s+/)
  let isFor = false
  for (const [i, word] of words.entries()) {
    // `default` stands for all that are not named above it.
    if (word === 'default') isFor = true
    if (word === 'machine') isFor = words[i + 1] === machine
    if (isFor && word === 'password') return words[i + 1]
  }
  return undefined
}
