/** An augmentation of a user's own, in a module that only exports ops: threads can load it. */
const { augmentation, define, point, pointTable, pointwise } = require('ibot/define')

exports.negative = define(augmentation)({
  name: 'negative',
  doc: 'Turns light into dark.',
  module: __filename,
  fields: {},
  build: () => pointwise(() => ({ name: 'negative', parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
})
