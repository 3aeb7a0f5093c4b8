/** A program that is kept alive and answers each line it is sent with one line of JSON; the first it sends unasked, when it is ready. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Kills it. */
  readonly signal?: AbortSignal
}

/** Numbers by name: `seconds`, `peak`, … */
export type Answer = Readonly<Record<string, number>>

export interface Program {
  /** What it said when it was ready. */
  readonly ready: Answer
  readonly ask: (line: string) => Promise<Answer>
  /** Ends it and waits until it has gone. */
  readonly end: () => Promise<void>
}

/** A program that said what it can't do, or that ended when it shouldn't have. */
export class ProgramFailed extends Error {}
/** A program that said that something it needs isn't there. */
export class ProgramMissing extends Error {}

const LAST = 12

const parsed = (line: string): Answer => {
  const answer = JSON.parse(line) as Answer & { readonly error?: string; readonly missing?: string }
  if (answer.missing !== undefined) throw new ProgramMissing(answer.missing)
  if (answer.error !== undefined) throw new ProgramFailed(answer.error)
  return answer
}

/** Starts a program and waits until it is ready. */
export const start = async ({ file, args, env = {}, signal }: Command): Promise<Program> => {
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const complaints: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints.push(line)
    if (complaints.length > LAST) complaints.shift()
  })
  const gone = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(`${file} ended with ${signal ?? code}:\n${complaints.join('\n')}`))
  })
  // A program that has gone is noticed by its missing answer.
  child.stdin.on('error', () => undefined)

  const answer = async (): Promise<Answer> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new ProgramFailed(await gone)
      // A library may have written to stdout itself.
      if (value.startsWith('{')) return parsed(value)
    }
  }
  const end = async (): Promise<void> => {
    child.stdin.end('end\n')
    await gone
  }
  try {
    const ready = await answer()
    return {
      ready,
      ask: (line) => {
        child.stdin.write(`${line}\n`)
        return answer()
      },
      end,
    }
  } catch (error) {
    child.kill()
    throw error
  }
}

/** Starts programs, uses them, and ends them whatever happens. */
export const using = async <A>(commands: readonly Command[], use: (programs: readonly Program[]) => Promise<A>): Promise<A> => {
  const programs: Program[] = []
  try {
    for (const command of commands) programs.push(await start(command))
    return await use(programs)
  } finally {
    await Promise.all(programs.map((program) => program.end()))
  }
}
