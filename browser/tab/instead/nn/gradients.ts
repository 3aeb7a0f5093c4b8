/** Registers the gradients of tfjs's ops, as its main package does when it is loaded, without all else that is in it. */
import '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'
