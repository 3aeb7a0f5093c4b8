/** Names of the official state dicts that stand for a tensor which this project names once. */

/** The name under which a tensor is known here: a module that is used twice has its first name. */
export const knownAs = (name: string, known: (name: string) => boolean): string | undefined =>
  [name, name.replace('last_layer2.', 'last_layer.'), name.replace(/mlp\.\d+\./, 'mlp.1.')].find(known)
