const { pluginRules } = require('./test/checks/plugin-rules.cjs')

/** Who may import whom. Each rule says why; `npm test` proves on planted violations that each can fail. */
const only = ([name, comment], from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    pathNot: [`^${from}/`, ...allowed.map(path => `^${path}${path.endsWith('.ts') ? '$' : '/'}`)],
    path: '^(shared|plugin|webhook|test|charts)/',
  },
})
const packages = ([name, comment], from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: {
    dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
    pathNot: `(^|/)node_modules/(${allowed.join('|')})/`,
  },
})

/** A folder of rules holds one rule per file; what is not a rule has folders of its own. */
const ruleFiles = '^shared/rules/(?!affected/|facts/|fixes/|istio/)[^/]+/'

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
      from: { orphan: true, pathNot: ['^test/', '\\.cjs$'] },
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
      from: { path: '^shared/(objects|view|routing|providers|rules|plan)/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
      },
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
        'shared/providers/istio/resolve',
        'shared/providers/istio/read',
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
      ],
    ),
    only(
      [
        'a-provider-stands-alone',
        'A routing API is read and edited in one place, whatever other APIs there are.',
      ],
      'shared/providers/istio',
      ['shared/objects', 'shared/view', 'shared/routing'],
    ),
    {
      name: 'resolve-comes-first',
      severity: 'error',
      comment:
        'How an API resolves names and visibility is what reading, editing and routing rest on, so it knows none of them.',
      from: { path: '^shared/providers/[^/]+/resolve/' },
      to: { path: '^shared/providers/[^/]+/(read|edit|route)/' },
    },
    only(
      ['live-knows-objects-and-view', 'A store yields views and takes changes, whatever they are about.'],
      'shared/live',
      ['shared/objects', 'shared/view'],
    ),
    only(
      ['manifests-know-objects-and-view', 'A store yields views and takes changes, whatever they are about.'],
      'shared/manifests',
      ['shared/objects', 'shared/view'],
    ),
    {
      name: 'views-know-no-store',
      severity: 'error',
      comment: 'A view answers from memory in the same way, wherever its objects were read.',
      from: { path: '^shared/view/', pathNot: '^shared/view/(store|sources)\\.ts$' },
      to: { path: '^shared/view/(store|sources)\\.ts$' },
    },
    {
      name: 'rules-neither-edit-nor-route',
      severity: 'error',
      comment:
        'A rule judges what the mesh does with the objects as they are; how they are edited is another matter.',
      from: { path: '^shared/rules/' },
      to: { path: '^shared/providers/[^/]+/(edit|route)/' },
    },
    {
      name: 'a-rule-stands-alone',
      severity: 'error',
      comment:
        'A rule can be read, tested and deleted by itself: what several rules need is in facts or fixes, and no rule knows how it is run.',
      from: { path: ruleFiles },
      to: { path: '^shared/rules/', pathNot: '^shared/rules/(rule\\.ts$|(facts|fixes)/)' },
    },
    {
      name: 'facts-know-no-rule',
      severity: 'error',
      comment: 'Rules rest on facts and fixes, so these rest on no rule and on nothing that runs rules.',
      from: { path: '^shared/rules/(facts|fixes)/' },
      to: { path: '^shared/rules/', pathNot: '^shared/rules/(rule\\.ts$|(facts|fixes)/)' },
    },
    {
      name: 'istio-validation-is-one-rule',
      severity: 'error',
      comment: "Istio's own validation is one rule with many parts: only the catalogue knows it.",
      from: { path: '^shared/rules/', pathNot: '^shared/rules/(istio/|catalogue\\.ts$)' },
      to: { path: '^shared/rules/istio/' },
    },
    {
      name: 'a-connection-knows-no-object',
      severity: 'error',
      comment: 'A connection sends requests to an API server, whatever objects they are about.',
      from: { path: '^shared/live/connection/' },
      to: {
        path: ['^shared/live/', '^shared/view/'],
        pathNot: ['^shared/live/connection/', '^shared/view/mesh\\.ts$'],
      },
    },
    {
      name: 'login-comes-first',
      severity: 'error',
      comment:
        'Which server is meant and who we are there is known from files and flags before anything is sent.',
      from: { path: '^shared/live/connection/login/' },
      to: { path: '^shared/live/connection/', pathNot: '^shared/live/connection/login/' },
    },
    {
      name: 'read-write-and-watch-are-apart',
      severity: 'error',
      comment: 'The webhook watches and the plugin reads and writes: neither loads what the other needs.',
      from: { path: '^shared/live/(read|write|watch)/' },
      to: { path: '^shared/live/(read|write|watch)/', pathNot: '^shared/live/$1/' },
    },
    {
      name: 'a-stream-knows-no-view',
      severity: 'error',
      comment: 'Lists and watches come in as events, whatever is kept of them.',
      from: { path: '^shared/live/watch/stream/' },
      to: { path: ['^shared/view/', '^shared/live/watch/[^/]+\\.ts$'] },
    },
    {
      name: 'yaml-knows-no-manifest',
      severity: 'error',
      comment: 'YAML is read by its own rules, whatever objects and files it is of.',
      from: { path: '^shared/manifests/yaml/' },
      to: { path: '^shared/', pathNot: '^shared/manifests/yaml/' },
    },
    {
      name: 'an-edit-knows-yaml-only',
      severity: 'error',
      comment: 'An edit turns one text into another, wherever the text comes from.',
      from: { path: '^shared/manifests/edit/' },
      to: { path: '^shared/manifests/', pathNot: '^shared/manifests/(edit|yaml)/' },
    },
    {
      name: 'files-know-no-manifest',
      severity: 'error',
      comment: 'Files are found and replaced as texts, whatever is in them.',
      from: { path: '^shared/manifests/files/' },
      to: { path: '^shared/manifests/', pathNot: '^shared/manifests/files/' },
    },
    only(['plugin-and-webhook-are-apart', 'The two programs share the core and nothing else.'], 'plugin', [
      'shared',
    ]),
    only(
      ['webhook-reviews-only', 'The webhook judges; it neither plans nor edits nor reads files.'],
      'webhook',
      ['shared/objects', 'shared/view', 'shared/routing', 'shared/providers', 'shared/rules', 'shared/live'],
    ),
    ...pluginRules,
    {
      name: 'production-imports-no-test',
      severity: 'error',
      comment: 'What ships must work without the tests.',
      from: { path: '^(shared|plugin|webhook)/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      comment: 'What ships must work without the development packages.',
      from: { path: '^(shared|plugin|webhook)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    packages(
      ['live-packages', 'The live store speaks to an API server and to nothing else.'],
      '^shared/live/',
      ['@kubernetes/client-node', 'undici', 'yaml'],
    ),
    packages(
      ['manifests-packages', 'The folder store needs a YAML parser and nothing else.'],
      '^shared/manifests/',
      ['yaml'],
    ),
    packages(
      [
        'plugin-packages',
        'The command line stays light: a parser of arguments and what prints; a regex checker, loaded when a regex was typed.',
      ],
      '^plugin/',
      ['commander', 'yaml', 're2js'],
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
        'undici',
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
