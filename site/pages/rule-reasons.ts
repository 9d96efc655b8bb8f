/**
 * Why there is each rule: what happens to requests or people where it does not hold. The comments in the
 * files of the rules have the sources.
 */
export const ruleReasons: Readonly<Record<string, string>> = {
  'weights-sum-to-100':
    'Since 1.15 Istio accepts any positive total and takes the weights as relative. So a typo is in '
    + 'force at once, with other shares than you meant.',
  'invalid-weight':
    'The field is a 32-bit integer. Text and fractions are refused by the API server, and negative numbers by Istio.',
  'ineffective-weight':
    'A single destination gets every request. Another weight than 0 or 100 suggests a share that '
    + 'nobody gets. What a rollout controller leaves between two of its steps is accepted.',
  'missing-weight':
    'Beside other destinations, one without a weight gets nothing. Most often the key stands one '
    + 'level too deep, inside `destination`.',
  'repeated-destination':
    'The weights of both entries are added, so the destination gets more than either entry says.',
  'undefined-subset':
    'Envoy has no cluster for such a subset: every request of its share is answered with 503 (response flag NC).',
  'subset-without-destination-rule':
    'Without a DestinationRule no subset exists, and every request of the share is answered with 503. '
    + 'In files it is a warning where the rule may be kept elsewhere.',
  'subset-hidden-from-clients':
    'Callers in different namespaces can apply different DestinationRules: one in their own namespace '
    + 'hides all others, and `exportTo` can hide the rest. Those callers get 503, while all others are served.',
  'undefined-subset-inactive':
    'A destination with the weight 0 is left out of a split, so nothing fails yet. The first step '
    + 'that gives it a share sends requests to a subset that does not exist.',
  'duplicate-subset': 'Istio takes the first subset of a name and drops the others without an error.',
  'unmerged-destination-rules':
    'Istio merges DestinationRules for one host only where they are exported alike. Otherwise one of '
    + 'them hides the subsets and settings of the other.',
  'subset-matches-no-workload':
    'Envoy has a cluster without an endpoint: every request of the share is answered with 503 (response flag UH).',
  'unknown-host':
    'Requests to a host that nothing provides are answered with 503. It is only a warning, because '
    + 'tools create and delete Services before and after the routes to them.',
  'unexpanded-host':
    'Istio completes names without a dot only. `catalog.shop` stays as it is: as a destination it '
    + 'leads nowhere, and as a host of a VirtualService or DestinationRule it applies to nothing.',
  'unknown-port':
    'For a port that the Service does not have, there is nothing to send requests to. Often it is the port of the pods.',
  'unknown-target-port':
    'Kubernetes looks for the name in each pod. The addresses of pods without a port of this name are listed without the '
    + 'port of the Service, so that requests to it are answered with 503. Often a new version names its port differently.',
  'ambiguous-port':
    'Where a destination names no port, Istio takes the port by which the request came. If the '
    + 'Service does not listen on that port, the request fails, also where it has a single other port.',
  'unnamed-port':
    'Without a declared protocol Istio guesses it from the first bytes, and on some ports takes it '
    + 'for TCP. Then routes for HTTP are ignored.',
  'http-route-on-non-http-port':
    'The mesh does not look into what it takes for TCP. Requests go through, and shares, header '
    + 'conditions and mirrors have no effect.',
  'headless-not-split':
    'A sidecar sends each request of a headless Service to the pod whose address the client looked '
    + 'up, whatever the route says. Gateways choose among the pods as for other Services.',
  'missing-version-label':
    'Subsets select pods by this label. Pods without it get no requests from routes that name subsets.',
  'conflicting-virtual-services':
    'In the mesh, VirtualServices of one host are not merged: the oldest one has it, and the others have no effect.',
  'broken-delegate': 'Istio drops such a route, or a part of it, without an error.',
  'unknown-gateway':
    'A route whose gateway does not exist, or does not serve its host, is installed nowhere.',
  'unknown-namespace': 'What is exported to a namespace that does not exist is seen by nobody there.',
  'unreachable-route':
    'Routes are tried in order, and the first one that matches takes the request. What comes after a '
    + 'route that matches everything gets nothing.',
  'applies-nowhere': 'Such a VirtualService looks as if it were in force, and has no effect.',
  'unreadable-record':
    'Without a readable record the plugin does not know which routes are cohorts, and refuses every edit of the object.',
  'expired-cohort': 'Nothing ends a cohort by itself: `--until` records a date, and this rule reminds of it.',
  'weights-sum-to-zero':
    'If all weights are 0, the specification of the Gateway API says that requests are answered with '
    + '500. APISIX gives each backend an equal share of them, and one backend alone gets everything '
    + 'whatever its weight.',
  'unknown-backend':
    'Requests to a backend that does not exist are answered with 500; APISIX sends them to the other '
    + 'backends, and controllers before 2.0 do not apply the route. It is only a warning in the guard, '
    + 'because tools create and delete Services before and after their routes.',
  'ungranted-reference':
    'A gateway sends nothing to a Service of another namespace without a ReferenceGrant there. Istio '
    + 'asks for none in the mesh, and other meshes do.',
  'backend-matches-no-workload': 'The Service exists and has no pods: all requests of the share fail.',
  'grpc-route-on-http1-port': 'A gRPC call needs HTTP/2 from end to end.',
  'unknown-parent': 'A route whose parent does not exist is installed nowhere.',
  'unattached-route': 'Requests are answered with 404, and only the status of the route says why.',
  'no-catch-all':
    'Once a Service of the mesh has a route, requests that no rule matches do not reach the Service: '
    + 'they are answered with 404 ([GEP-1426](https://gateway-api.sigs.k8s.io/mesh/)).',
  'rule-without-backend': 'Nothing answers: the specification says that such requests are answered with 500.',
  'duplicate-rule-name':
    'Only the CRDs of the experimental channel refuse it. What refers to a rule by its name then means the first one, or none.',
  'repeated-header':
    'The API server refuses equal names only. Of names that differ in upper and lower case the first one counts.',
  'repeated-backend':
    'The ingress controller refuses an ApisixRoute with such a rule as a whole since 2.0, so that '
    + 'none of its rules is in force. Before 2.0 backends of one Service could be told apart by subsets '
    + 'of an ApisixUpstream.',
  'overridden-weights':
    'The ingress controller carries weights out by a plugin of that name. Since 2.0 the plugin of the '
    + 'rule overrides it, so that the weights in the file say what nobody gets.',
  'unknown-plugin-config':
    'The ingress controller refuses the whole route since 2.0: what APISIX had before stays in force, and no later change of '
    + 'the route is carried out.',
  'undefined-rule-order':
    'APISIX sorts rules of one path by their priorities, and by nothing else. With equal ones it may '
    + 'take either, and another one after the next change.',
  'invalid-regex': 'The specification leaves the dialect to the controller, and most use RE2, as Envoy does.',
  'unreachable-match':
    'Of two matches that ask for the same, the first one takes all requests, whatever the other rule does with them.',
  'istio-rejects':
    'The API server or Istio’s own webhook refuses such an object. `lint` says so before it is applied.',
  'gateway-api-rejects':
    'The API server refuses such an object by its CRD. `lint` says so before it is applied.',
  'apisix-rejects': 'The API server refuses such an object by its CRD. `lint` says so before it is applied.',
  'invalid-exemption':
    'An exemption that does not count would hide nothing, while its reader believes that it does.',
  'unreadable-manifest': 'Most tools would not apply it, and no rule can judge what is in it.',
}
