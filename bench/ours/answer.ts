/** The line protocol of a benchmark's program: commands come in on stdin, one JSON object a line goes out on stdout. */
import { createInterface } from 'node:readline'
import type { Answer } from '../programs/child'

type Say = { readonly error: string } | { readonly missing: string } | Answer

const say = (values: Say): void => {
  process.stdout.write(`${JSON.stringify(values)}\n`)
}

/** Thrown by a program that lacks what it was asked to measure. */
export class Missing extends Error {}

const failed = (error: unknown): void => {
  if (error instanceof Missing) say({ missing: error.message })
  else say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

export type Commands = Readonly<Record<string, () => Answer | Promise<Answer>>>

/** Makes ready what answers the commands, says so, and answers until stdin or `end` ends the program. */
export const answer = async (prepare: () => Promise<{ readonly ready: Answer; readonly commands: Commands }>): Promise<void> => {
  try {
    const { ready, commands } = await prepare()
    say(ready)
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'end') break
      const command = commands[line]
      say(command === undefined ? { error: `unknown command '${line}'` } : await command())
    }
  } catch (error) {
    failed(error)
  }
  // A backend may hold threads.
  process.exit()
}
