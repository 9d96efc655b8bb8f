/** The part of docs/providers.md about APISIX and API7 Cloud. */
export const apisixSections = `## ApisixRoutes of APISIX

For the ingress controller 1.x and 2.x (\`apisix.apache.org/v2\`), and requests that come through its gateway.

- **Each version is a Service**, as for the Gateway API, in the namespace of the route. Two backends with the same Service are refused, also with different subsets, because controllers since 2.0 refuse the whole route. One backend may have a \`subset\`: the backend of another version gets the subset of the same name from the ApisixUpstream of its Service.
- **Weights**: a missing weight counts as 100, and if all are 0 the backends share equally. So an edit writes a weight at each backend, except at a single backend that had none before the canary: it gets all requests whatever its weight. APISIX skips a backend whose Service or port is missing, and the others get all requests: an edit never writes such a backend.
- **Checks**: \`lint\`, \`status\` and every edit check ApisixRoutes for weights that are 0 or overridden, missing Services, ports and ApisixPluginConfigs, Services without pods, Services and names that occur twice in a route, rules whose order is not defined, and expired cohorts.
  The guard does not review ApisixRoutes.
- **Your own plugin \`traffic-split\`**, in a rule or in its ApisixPluginConfig, overrides weights: \`status\` says so, and an edit of that rule is refused. An edit of a rule whose ApisixPluginConfig cannot be read is refused too. Choose other rules with \`--route\`: the name of a rule (\`ROUTE/RULE\` if two
  ApisixRoutes have rules with the same name), a path or a position.
- **A cohort** is a rule after all others, because ids in APISIX depend on the positions of rules. It has the paths, hosts, methods and expressions of the base rule with the conditions added (\`match.exprs\`), a priority one higher, and all plugins, the plugin config, timeouts, authentication and websocket.
  Its name consists of the name of the base rule and of the cohort: \`items-internal\`. Priority orders only rules whose paths are the same before the first \`*\`, such as \`/api/*\` and \`/api/*/items\`; the longer one goes first if their priorities are the same. Two rules with the same path and priority have no defined order. If a cohort would tie with another rule, or take requests from it, it is refused with the name of that rule.
- **Several cohorts** have precedence in the order in which they were set, or as \`--before\` says: if two cohorts can match the same requests, the priority of the first is one higher. No rule moves.
- **Conditions** can be on headers, cookies and query parameters, but not on labels of callers or claims of tokens. Prefixes, regular expressions and presence are written as \`RegexMatch\`.
- **\`init\`** takes \`--host\`, and the ingress class as \`--gateway\`; the default is the class of the other ApisixRoutes, if there is only one. It writes plain HTTP backends: gRPC needs an ApisixUpstream with the scheme for the Service of each version. An edit that would send a version requests with another scheme is refused.
- **Stream rules** (\`spec.stream\`) send all connections of a port to one Service. No command changes them; \`status\` and edits name them, and \`cleanup\` keeps the versions to which they lead.
- **\`try\`** compares the host, exact paths, the longest prefix, then the priority. A path with a \`*\` inside is evaluated as APISIX does: \`/api/*/items\` takes \`/api/a/b/items\`. If a function, an address, a plugin or the kind of router (\`radixtree_host_uri\` or \`radixtree_uri\`) decides, it says that it cannot tell.
- **Acceptance by the controller**: after an edit the command waits for the condition Accepted (2.x) or ResourcesAvailable (1.x).
- **Rights**: \`list\` of \`apisixroutes\`, \`apisixpluginconfigs\` and \`apisixupstreams\` (\`apisix.apache.org\`), and \`patch\` of \`apisixroutes\`; \`create\` and \`delete\` of \`services\` to make Services of versions. On a cluster without these kinds, or without the right to list them, \`kubectl canary\` ignores APISIX.

## Annotations of API7 Cloud

For the controller that makes canary releases from annotations on Services (\`api7.cloud/published-service\`, \`…/published-canary-service\`, \`…/published-service-canary-percentage\`).

| verb | what it writes |
|---|---|
| \`init error-page-v1 --stable v1 --provider api7 [--host error-page]\` | \`published-service\` on the Service of v1: the name of the application, which is its host |
| \`weight error-page v2=10\` | all three annotations on the Service of v2: starts the canary, or changes its percentage |
| \`promote error-page v2\` | the percentage 100, which is final |
| \`abort error-page\` | removes \`published-canary-service\` from v2 and keeps \`published-service\`; the controller then pauses the canary |

- **The Service of stable is not written** during a canary: any event on it pauses the canary. \`kubectl canary\` writes no record on Services; the annotations of API7 say what is stable.
- **Versions** are the Services that are published under one name, Services whose names begin with it (\`error-page-v2\`), and Services with matching names and labels.
- **0 is never written**: the controller's client leaves a 0 out, so the previous percentage would stay. The controller takes a value that is not a whole number as 10, and more than 100 as 100.
- **Restarting a canary** that was rolled back is refused, because the controller would not start it. A second release after one that reached 100 % is refused, because the controller would drop the version that gets all requests.
- **\`undo\`** restores the previous percentage. To undo the start of a canary, use \`abort\`. Changes that the controller would not follow are refused.
- **One port, one gateway**: the controller uses the first port of a Service, and serves only GET and POST.
- **Rights**: \`list\` and \`patch\` of \`services\`.
`
