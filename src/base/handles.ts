/** Too many open files: a limit of the machine or of the shell, not a mistake of ours, wherever it strikes. */

/** What can be done. */
export const MORE_FILES = 'Raise the limit (ulimit -n).'

const CODES: readonly unknown[] = ['EMFILE', 'ENFILE']
/** What Node says of a part of a program that it couldn't open, whatever the reason. */
const NOT_LOADED: readonly unknown[] = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED', 'ERR_WORKER_INIT_FAILED']
/** No system allows so few; with them, parts of a program are missed that are there. */
const FEW = 128
/** Errors that other errors give as their cause. */
const DEEPEST = 8

const field = (error: unknown, name: 'code' | 'cause'): unknown =>
  typeof error === 'object' && error !== null ? (error as Readonly<Record<string, unknown>>)[name] : undefined

/** How many files this process may have open; undefined where there is no such limit. */
const allowed = (): number | undefined => {
  try {
    const { userLimits } = process.report.getReport() as {
      readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } }
    }
    const soft = userLimits?.open_files?.soft
    return typeof soft === 'number' ? soft : undefined
  } catch {
    return undefined
  }
}

const saysSo = (error: unknown): boolean =>
  CODES.includes(field(error, 'code')) ||
  (error instanceof Error && /\bE[MN]FILE\b|too many open files/i.test(error.message)) ||
  (NOT_LOADED.includes(field(error, 'code')) && (allowed() ?? FEW) < FEW)

/** Whether an error, or one that it was caused by, comes of too many open files. */
export const isTooManyFiles = (error: unknown, depth = 0): boolean =>
  saysSo(error) || (depth < DEEPEST && field(error, 'cause') !== undefined && isTooManyFiles(field(error, 'cause'), depth + 1))

/** Such an error in words: what could not be done, and how many files may be open. */
export const tooManyFiles = (error: unknown): string => {
  const limit = allowed()
  const what = (error instanceof Error ? error.message : String(error)).split('\n')[0]!
  return `too many files are open${limit === undefined ? '' : ` (${limit} may be)`}: ${what}`
}
