/** docs/providers.md: what people of APISIX and API7 Cloud should know. */
export const apisixSections = `## ApisixRoutes of APISIX

For the ingress controller 1.x and 2.x (\`apisix.apache.org/v2\`), and what comes by its gateway.

- **Versions are Services of their own**, as for the Gateway API, in the namespace of the route. Two backends of one Service, told apart by subsets, are refused: controllers since 2.0 refuse the whole route.
- **Weights** count as 100 where they are left out, and as equal ones where all are 0, so an edit writes them at each backend, and none at a backend alone that had none before the canary: it gets everything whatever its weight. A Service or port that is missing is skipped, and the others get everything: an edit never writes one.
- **Rules**: \`lint\`, \`status\` and the check of each edit judge ApisixRoutes: weights that are 0 or overridden, Services and ports that are missing, Services without pods, Services and names that stand twice in a route, rules that nothing orders, and cohorts whose end has passed.
  The guard does not watch ApisixRoutes and judges none of their changes.
- **A plugin \`traffic-split\` of your own**, in a rule or in the ApisixPluginConfig that it names, overrides weights: \`status\` says so, and an edit of that rule is refused. So is one whose ApisixPluginConfig is not in view. Others can be chosen with \`--route\`: by the name of a rule, \`ROUTE/RULE\` where two ApisixRoutes have rules of one name, a path or a place.
- **A cohort** is a rule after all others, because ids in APISIX go by the places of rules: the same paths, hosts, methods and expressions with the conditions added (\`match.exprs\`), one priority higher, with all plugins, the plugin config, timeouts, authentication and websocket.
  Its name is that of its rule and of the cohort: \`items-internal\`. Priority orders rules of one path only, and nothing orders rules of one path and priority: a cohort that would tie with another rule, or take requests from one, is refused with that rule's name.
- **Several cohorts** go before each other in the order in which they were set, or by \`--before\`: one that may want the same requests as a later one has one priority more than that. No rule moves.
- **Conditions** on headers, cookies and query parameters; not on labels of callers or claims of tokens. Prefixes, regular expressions and presence are \`RegexMatch\`.
- **\`init\`** takes \`--host\`, and as \`--gateway\` the ingress class; without one that of the other ApisixRoutes, if there is only one. It writes plain HTTP backends: gRPC needs an ApisixUpstream with its scheme for each version's Service, and an edit that would ask a version by another scheme is refused.
- **\`try\`** goes by the host, exact paths, the longest prefix, then the priority, and says that it cannot tell where a function, an address, a plugin or the kind of router (\`radixtree_host_uri\` or \`radixtree_uri\`) decides.
- **The controller's word**: the condition Accepted of 2.x, and ResourcesAvailable of 1.x, for what was written.
- **Rights**: \`list\` of \`apisixroutes\`, \`apisixpluginconfigs\` and \`apisixupstreams\` (\`apisix.apache.org\`), and \`patch\` of \`apisixroutes\`; \`create\` and \`delete\` of \`services\` where Services of versions are made. On a cluster without these kinds, or without the right to list them, nothing changes.

## Annotations of API7 Cloud

For the controller that makes canary releases from annotations on Services (\`api7.cloud/published-service\`, \`…/published-canary-service\`, \`…/published-service-canary-percentage\`).

| verb | what it writes |
|---|---|
| \`init error-page-v1 --stable v1 --provider api7 [--host error-page]\` | \`published-service\` on the Service of v1: the name of the application, which is its host |
| \`weight error-page v2=10\` | all three on the Service of v2: the canary begins, or gets another percentage |
| \`promote error-page v2\` | the percentage 100, which is final |
| \`abort error-page\` | takes \`published-canary-service\` off v2 and keeps \`published-service\`, by which the controller pauses the canary |

- **The Service of stable is not written** while a canary is on: any event on it pauses the canary. Nothing of ours is written down on Services; the annotations say what is stable.
- **Versions** are the Services that are published under one name, those named for it (\`error-page-v2\`), and their siblings by name and labels.
- **0 is never written**: the controller's client leaves it out, so that the share from before stays. What is no whole number counts as 10, more than 100 as 100.
- **A canary that was rolled back is not started again** by the controller, and a second release after one of 100 % would drop the version that has everything: both are refused.
- **\`undo\`** takes a percentage back; the beginning of a canary ends with \`abort\`, and what the controller does not follow is refused.
- **One port, one gateway**: the controller takes the first port of a Service, and answers GET and POST.
- **Rights**: \`list\` and \`patch\` of \`services\`.
`
