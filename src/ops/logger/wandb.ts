import { define } from '../../dsl/op'
import { list, maybe, optional, text } from '../../dsl/type'
import { wandbLogger } from '../../log/wandb'
import { logger, separator, server } from './kind'

export const wandb = define(logger)({
  name: 'wandb',
  doc: 'A run of a project at Weights & Biases. WANDB_API_KEY is the key, or what `wandb login` has kept in ~/.netrc.',
  source: "the protocol of W&B's own client, 0.31",
  example: { project: 'ibot', tags: ['vit'] },
  fields: {
    project: maybe(text, 'which is made where it is new; by default WANDB_PROJECT, else ibot'),
    entity: maybe(text, 'user or team that it belongs to; by default WANDB_ENTITY, else whose key it is'),
    group: maybe(text, 'with which other runs it is shown; by default those of its sweep'),
    tags: optional(list(text, { min: 0 }), [], 'by which it is found'),
    url: server("WANDB_BASE_URL, else W&B's own"),
    separator,
  },
  build: ({ project, entity, group, tags, url, separator }) => wandbLogger({ project, entity, group, tags, url, separator }),
})
