/** XLA's plugin for the processor, for tests. */

/** Set by the tests' global setup, where the plugin can be had: its file. */
export const PLUGIN = 'IBOT_TEST_XLA_PLUGIN'

/** The plugin's file; undefined where it can't be had, and tests that need it are skipped. */
export const testPlugin = (): string | undefined => process.env[PLUGIN] || undefined
