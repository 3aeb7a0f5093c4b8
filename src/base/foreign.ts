/**
 * Functions of C libraries, called by koffi. The build puts koffi's code in here (bin/bundle.js), as its install script compiles
 * where it can't load a binary; its binaries are packages of their own, one for each platform, without any script.
 */
import koffi from 'koffi'

export type { LibraryHandle } from 'koffi'
export { koffi }
