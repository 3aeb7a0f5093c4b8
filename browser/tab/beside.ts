/** The address of a file that lies beside the script that asks; of their folder, where none is named. */
export const beside = (path: string): string => new URL(path === '' ? '.' : path, import.meta.url).href
