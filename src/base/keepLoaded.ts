/** Libraries that stay loaded until the process has ended. */
import { koffi } from './foreign'

/** RTLD_NOW, on Linux as on macOS. */
const NOW = 2

/**
 * Opens a library that is loaded once more, for good. At the end of the process koffi unloads what it has loaded, and
 * TensorFlow, whose threads are still there, would then take the process down: after all was done, with a wrong exit code.
 */
export const keepLoaded = (path: string): void => {
  koffi.load(null).func('void *dlopen(const char *, int)')(path, NOW)
}
