const { outerRules } = require('./test/checks/outer-rules.cjs')
const { pluginRules } = require('./test/checks/plugin-rules.cjs')
const { sharedRules } = require('./test/checks/shared-rules.cjs')

/** Who may import whom. Each rule says why; `npm test` proves on planted violations that each can fail. */
const fromRegistry = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown']
const outside = ['core', ...fromRegistry]
const only = ([name, comment], from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    pathNot: [`^${from}/`, ...allowed.map(path => `^${path}${path.endsWith('.ts') ? '$' : '/'}`)],
    path: '^(shared|plugin|webhook|test|charts|site)/',
  },
})
/** The folders of the webhook, what else of the webhook each may import, and why; `run` may import all. */
const webhookFolders = {
  serve: { uses: ['admission', 'certificate/key-pair'], why: 'A server passes bodies on; it knows no rule.' },
  admission: {
    uses: ['review', 'cache'],
    why: 'One review, from bytes to answer, needs no server and no log.',
  },
  review: { uses: [], why: 'A verdict depends on a request, a view and settings only.' },
  cache: { uses: [], why: 'What is kept of the cluster does not depend on its readers.' },
  certificate: { uses: ['config/watch-files'], why: 'Certificates are renewed whatever is reviewed.' },
  config: {
    uses: ['review', 'cache'],
    why: 'The configuration is a value; its types belong to its readers.',
  },
  observe: { uses: ['admission', 'review'], why: 'A record of results does not depend on the servers.' },
}
const packages = ([name, comment], from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: {
    dependencyTypes: fromRegistry,
    pathNot: `(^|/)node_modules/(${allowed.join('|')})/`,
  },
})

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Two files that import each other are one file that nobody can read in order.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nobody imports is dead, or a program: those are named here.',
      from: { orphan: true, pathNot: ['^test/', '^site/\\.vitepress/', '\\.cjs$'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere fails when it is reached.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'the-core-is-pure',
      severity: 'error',
      comment:
        'The pure folders import no package and no module of Node: that one rule is the functional core, testable without fakes.',
      from: {
        path: '^shared/(objects|view|routing|providers|controllers|workloads|rules|readiness|plan|trial|statistics|rollout)/',
      },
      to: { dependencyTypes: outside },
    },
    only(
      ['objects-stand-alone', 'Everything stands on the objects, so they stand on nothing.'],
      'shared/objects',
      [],
    ),
    only(
      ['view-knows-objects', 'What may be asked of a cluster depends on its objects alone.'],
      'shared/view',
      ['shared/objects'],
    ),
    only(['routing-knows-objects-and-view', 'Editing a route needs no rule and no plan.'], 'shared/routing', [
      'shared/objects',
      'shared/view',
    ]),
    only(
      ['rules-know-objects-and-view', 'A rule reads and judges; it neither edits nor plans.'],
      'shared/rules',
      [
        'shared/objects',
        'shared/view',
        'shared/routing',
        'shared/workloads',
        'shared/providers/istio/resolve',
        'shared/providers/istio/read',
        'shared/providers/gateway-api/resolve',
        'shared/providers/gateway-api/read',
        'shared/providers/apisix/resolve',
      ],
    ),
    only(
      [
        'plan-knows-no-routing-api',
        'A plan says what is wanted of a service in the common language; how a routing API spells it is its provider’s affair.',
      ],
      'shared/plan',
      [
        'shared/objects',
        'shared/view',
        'shared/routing',
        'shared/rules',
        'shared/providers/providers.ts',
        'shared/providers/readers.ts',
        'shared/controllers/controllers.ts',
      ],
    ),
    only(
      ['a-trial-knows-no-routing-api', 'How a request is routed is up to its provider; a trial only asks.'],
      'shared/trial',
      ['shared/objects', 'shared/view', 'shared/routing', 'shared/statistics'],
    ),
    only(
      ['workloads-know-no-routing-api', 'The pods behind a Service do not depend on what routes to it.'],
      'shared/workloads',
      ['shared/objects', 'shared/view', 'shared/routing'],
    ),
    only(
      ['live-knows-objects-and-view', 'A store yields views and takes changes, whatever they are about.'],
      'shared/live',
      ['shared/objects', 'shared/view', 'shared/files'],
    ),
    only(
      ['manifests-know-objects-and-view', 'A store yields views and takes changes, whatever they are about.'],
      'shared/manifests',
      ['shared/objects', 'shared/view', 'shared/files'],
    ),
    only(['files-stand-alone', 'A file is read in the same way, whatever is in it.'], 'shared/files', []),
    ...sharedRules,
    only(['plugin-and-webhook-are-apart', 'The two programs share the core and nothing else.'], 'plugin', [
      'shared',
    ]),
    only(
      ['webhook-reviews-only', 'The webhook judges; it neither plans nor edits nor reads files.'],
      'webhook',
      [
        'shared/objects',
        'shared/view',
        'shared/routing',
        'shared/workloads',
        'shared/providers',
        'shared/rules',
        'shared/live',
      ],
    ),
    ...Object.entries(webhookFolders).map(([folder, { uses, why }]) => ({
      name: `webhook-${folder}`,
      comment: why,
      severity: 'error',
      from: { path: `^webhook/${folder}/` },
      to: { path: '^webhook/', pathNot: [folder, ...uses].map(other => `^webhook/${other}(/|\\.ts$)`) },
    })),
    {
      name: 'webhook-review-is-pure',
      severity: 'error',
      comment: 'A verdict is a function of its input, tested without fakes: no package, no module of Node.',
      from: { path: '^webhook/review/' },
      to: { dependencyTypes: outside },
    },
    {
      name: 'webhook-http',
      severity: 'error',
      comment: 'The HTTP framework is used in one folder, so that it can be replaced there.',
      from: { path: '^webhook/', pathNot: '^webhook/serve/' },
      to: { path: 'node_modules/fastify/' },
    },
    ...pluginRules,
    ...outerRules,
    packages(
      ['live-packages', 'The live store speaks to an API server and to nothing else.'],
      '^shared/live/',
      ['@kubernetes/client-node', 'yaml'],
    ),
    packages(
      ['manifests-packages', 'The folder store needs a YAML parser and nothing else.'],
      '^shared/manifests/',
      ['yaml'],
    ),
    packages(
      [
        'plugin-packages',
        'The command line stays light: a parser of arguments and what prints; a regex checker and a checker of schemas, loaded where they are needed.',
      ],
      '^plugin/',
      ['ajv', 'commander', 'yaml', 're2js'],
    ),
    packages(
      ['webhook-packages', 'What the guard runs on, each with a reason in CONTRIBUTING.md.'],
      '^webhook/',
      [
        'fastify',
        'ajv',
        'pino',
        'prom-client',
        'yaml',
        're2js',
        '@peculiar/x509',
        'reflect-metadata',
        '@kubernetes/client-node',
      ],
    ),
    {
      name: 'heavy-packages-are-lazy',
      severity: 'error',
      comment:
        'A command on files must not pay for the Kubernetes client, nor a command without a regex for the regex engine.',
      from: { path: '^plugin/' },
      to: {
        path: ['^shared/live/', 'node_modules/re2js/', 'node_modules/yaml/'],
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
