/** Who may import whom inside the folders of shared; .dependency-cruiser.cjs has the folders themselves. */
/** A folder of rules holds one rule per file; what is not a rule has folders of its own. */
const ruleFiles =
  '^shared/rules/(?!affected/|facts/|fixes/|istio/|placeholders/|schema/|(gateway-api|apisix)/schema/)[^/]+/'

const sharedRules = [
  {
    name: 'a-provider-stands-alone',
    severity: 'error',
    comment: 'A routing API is read and edited in one place, whatever other APIs there are.',
    from: { path: '^shared/providers/([^/]+)/' },
    to: {
      path: '^(shared|plugin|webhook|test|charts)/',
      pathNot: '^shared/(objects|view|routing|workloads|providers/$1)/',
    },
  },
  {
    name: 'a-controller-stands-alone',
    severity: 'error',
    comment:
      'How somebody else’s program is read and driven does not depend on what routes its services, or on other such programs.',
    from: { path: '^shared/controllers/([^/]+)/' },
    to: {
      path: '^(shared|plugin|webhook|test|charts)/',
      pathNot: '^shared/(objects|view|routing|controllers/$1)/',
    },
  },
  {
    name: 'resolve-comes-first',
    severity: 'error',
    comment:
      'How an API resolves names and visibility is what reading, editing and routing rest on, so it knows none of them.',
    from: { path: '^shared/providers/[^/]+/resolve/' },
    to: { path: '^shared/providers/[^/]+/(read|edit|route)/' },
  },
  {
    name: 'statistics-know-numbers',
    severity: 'error',
    comment: 'A test of numbers does not depend on what they count.',
    from: { path: '^shared/statistics/' },
    to: { path: '^(shared|plugin|webhook)/', pathNot: '^shared/statistics/' },
  },
  {
    name: 'metrics-know-the-reading',
    severity: 'error',
    comment:
      'Queries, answers and figures rest on the reading of a service, however the server is reached and whoever prints them.',
    from: { path: '^shared/metrics/' },
    to: {
      path: '^(shared|plugin|webhook|test|charts)/',
      pathNot: '^shared/(metrics|objects|view|routing)/',
    },
  },
  {
    name: 'metrics-are-self-contained',
    severity: 'error',
    comment:
      'A server of metrics is asked through a function that is handed in: no package, no module of Node.',
    from: { path: '^shared/metrics/' },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
    },
  },
  {
    name: 'rollouts-know-no-store',
    severity: 'error',
    comment:
      'How far a rollout is follows from its plan and its checks alone, wherever they come from and whoever edits.',
    from: { path: '^shared/rollout/' },
    to: {
      path: '^(shared|plugin|webhook)/',
      pathNot: '^shared/(rollout|analysis|routing|objects|view)/',
    },
  },
  {
    name: 'analysis-knows-figures-and-numbers',
    severity: 'error',
    comment:
      'A judgement rests on the reading of a service, its figures and statistics, whoever rolls out and however it is shown.',
    from: { path: '^shared/analysis/' },
    to: {
      path: '^(shared|plugin|webhook|test|charts)/',
      pathNot: '^shared/(analysis|metrics|statistics|routing|objects|view)/',
    },
  },
  {
    name: 'analysis-is-self-contained',
    severity: 'error',
    comment:
      'What is judged is handed in, and so is the way to a server: no package, no module of Node, so that a simulation judges as a run does.',
    from: { path: '^shared/analysis/' },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
    },
  },
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
    name: 'readiness-asks-rules-and-the-reading',
    severity: 'error',
    comment:
      'A check asks what the mesh does and what the rules find; it neither edits nor plans, and knows no text for a terminal.',
    from: { path: '^shared/readiness/' },
    to: {
      path: '^(shared|plugin|webhook)/',
      pathNot: '^shared/(readiness|objects|view|routing|workloads|rules|providers/[^/]+/(resolve|read))/',
    },
  },
  {
    name: 'a-check-stands-alone',
    severity: 'error',
    comment:
      'A check can be read, tested and deleted by itself: what several checks need is in facts, and no check knows how it is run.',
    from: { path: '^shared/readiness/(workloads|routes|scale|facts)/' },
    to: {
      path: '^shared/readiness/',
      pathNot: '^shared/readiness/(facts/|(check|subject)\\.ts$)',
    },
  },
  {
    name: 'a-connection-knows-no-object',
    severity: 'error',
    comment: 'A connection sends requests to an API server, whatever objects they are about.',
    from: { path: '^shared/live/connection/' },
    to: {
      path: ['^shared/live/', '^shared/view/'],
      pathNot: ['^shared/live/(connection|corrections|transport)/', '^shared/view/mesh\\.ts$'],
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
    name: 'a-correction-stands-alone',
    severity: 'error',
    comment:
      'A correction says what the library does otherwise than kubectl, and can be deleted when that ends: it knows nothing of who uses it.',
    from: { path: '^shared/live/corrections/' },
    to: { path: '^shared/', pathNot: ['^shared/live/(corrections|transport)/', '^shared/(objects|files)/'] },
  },
  {
    name: 'a-transport-knows-no-credentials',
    severity: 'error',
    comment:
      'Connections carry requests, whoever sends them: they know how a proxy is passed, and nothing else.',
    from: { path: '^shared/live/transport/' },
    to: {
      path: '^shared/',
      pathNot: ['^shared/live/transport/', '^shared/live/corrections/proxy-tunnel\\.ts$'],
    },
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
]

module.exports = { sharedRules }
