import { define } from '../../dsl/op'
import { maybe, text } from '../../dsl/type'
import { mlflowLogger } from '../../log/mlflow'
import { logger, separator, server } from './kind'

export const mlflow = define(logger)({
  name: 'mlflow',
  doc: 'A run of an experiment on an MLflow server. MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, say who logs.',
  source: "MLflow's REST API 2.0",
  example: { url: 'http://127.0.0.1:5000', experiment: 'ibot' },
  fields: {
    url: server('MLFLOW_TRACKING_URI'),
    experiment: maybe(text, 'which is made where it is new; by default MLFLOW_EXPERIMENT_NAME, else ibot'),
    separator,
  },
  build: ({ url, experiment, separator }) => mlflowLogger({ url, experiment, separator }),
})
