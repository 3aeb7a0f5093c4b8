/**
 * Registers the gradients of tfjs's ops, which tfjs-core alone doesn't have; tfjs's main package does when it is loaded. The compiled
 * file holds those that it registers (bin/bundle.js), so that the package needs none of what else is in it.
 */
import '@tensorflow/tfjs'
