const mode = { enum: ['deny', 'warn', 'off'] }
const names = { type: 'array', items: { type: 'string', minLength: 1 } }

const closed = (properties: Readonly<Record<string, object>>): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
})

/** The JSON schema of the configuration file: every key is optional, and unknown keys are rejected. */
export const configSchema = (ruleIds: readonly string[]): object =>
  closed({
    rules: closed(Object.fromEntries(ruleIds.map(id => [id, mode]))),
    absent: closed({ subset: mode, host: mode, workload: mode }),
    crossNamespace: closed({ deny: names }),
    exemptions: closed({
      allowed: { anyOf: [{ enum: ['anyone', 'nobody'] }, closed({ users: names, groups: names })] },
      never: { type: 'array', items: { enum: ruleIds } },
    }),
    exemptUsers: names,
    onError: { enum: ['allow', 'deny'] },
    relativeWeights: { type: 'boolean' },
    settleSeconds: { type: 'integer', minimum: 0, maximum: 3_600 },
    mesh: closed({
      revision: { type: 'string', minLength: 1 },
      multiCluster: { type: 'boolean' },
      rootNamespace: { type: 'string', minLength: 1 },
      clusterDomain: { type: 'string', minLength: 1 },
      defaultExportTo: closed({ virtualService: names, destinationRule: names, service: names }),
    }),
    audit: closed({ intervalSeconds: { type: 'integer', minimum: 0, maximum: 86_400 } }),
  })
