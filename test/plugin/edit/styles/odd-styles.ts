/** VirtualServices of catalog as people write them, in styles that differ from file to file. */
export const oddStyles: Readonly<Record<string, string>> = {
  'lists of two styles': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
spec:
  hosts:
    - catalog
  http:
  - match:
    - uri:
        prefix: "/items"
    route:
    - destination:
        host: catalog
        subset: v1
  - route:
    - destination:
        host: catalog
        subset: v1
`,
  'four spaces': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
    name: catalog
    namespace: shop
spec:
    hosts:
        - catalog
    http:
        - match:
              - uri:
                    prefix: /items
          route:
              - destination:
                    host: catalog
                    subset: v1
        - route:
              - destination:
                    host: catalog
                    subset: v1
`,
  'blank lines between routes': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop

spec:
  hosts:
  - catalog

  http:
  # the API
  - name: items
    match:
    - uri: {prefix: /items}
    route:
    - destination: {host: catalog, subset: v1}

  # everything else
  - name: rest
    route:
    - destination: {host: catalog, subset: v1}

  tcp: []
`,
  'flow items': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog, namespace: shop }
spec:
  hosts: [ catalog ]
  http:
    - { match: [ { uri: { prefix: "/items" } } ], route: [ { destination: { host: catalog, subset: v1 } } ] }
    - { route: [ { destination: { host: catalog, subset: v1 } } ] }
`,
  'flow over lines': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec: {
  hosts: [catalog],
  http: [
    {
      name: items,
      match: [{uri: {prefix: /items}}],
      route: [{destination: {host: catalog, subset: v1}}]
    },
    {
      name: rest,
      route: [{destination: {host: catalog, subset: v1}}]
    }
  ]
}
`,
  'comments everywhere': `# of the shop team
apiVersion: networking.istio.io/v1 # the newest
kind: VirtualService # a route
metadata: # who
  # the name
  name: catalog # like the service
  namespace: shop
# the rest
spec: # what
  hosts: # for whom
  # first
  - catalog # inside
  # last
  http: # how
  # before items
  - name: items # the API
    # takes
    match: # these
    # only
    - uri: # the path
        # of the API
        prefix: /items # all of it
      # nothing else
    # goes to
    route: # there
    # the stable one
    - destination: # of the service
        host: catalog # us
        # the version
        subset: v1 # stable
      # no weight
    # nothing more
  # before rest
  - name: rest
    route:
    - destination:
        host: catalog
        subset: v1
  # end of routes
# end
`,
  'trailing spaces': `apiVersion: networking.istio.io/v1  
kind: VirtualService 
metadata: 
  name: catalog   
  namespace: shop
spec: 
  hosts:  
  - catalog 
  http: 
  - match: 
    - uri:  
        prefix: /items  
    route: 
    - destination: 
        host: catalog 
        subset: v1  
   
  - route: 
    - destination: 
        host: catalog 
        subset: v1  
 
`,
  anchors: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
spec:
  hosts: [catalog]
  http:
  - match:
    - uri: {prefix: /items}
    timeout: &slow 30s
    route:
    - destination:
        host: &host catalog
        subset: v1
  - timeout: *slow
    route:
    - destination:
        host: *host
        subset: v1
`,
  'quotes of both kinds': `apiVersion: "networking.istio.io/v1"
kind: "VirtualService"
metadata:
  name: 'catalog'
  namespace: 'shop'
spec:
  hosts:
  - "catalog"
  http:
  - match:
    - headers:
        "user-agent":
          regex: ".*Mobile.*"
      uri:
        regex: "/items/\\\\d+"
    route:
    - destination:
        host: "catalog"
        subset: 'v1'
  - route:
    - destination:
        host: "catalog"
        subset: 'v1'
`,
  'folded texts': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
  annotations:
    team.shop/why: >-
      a long text that
      goes over lines
    team.shop/how: "another one
      in quotes"
spec:
  hosts:
  - catalog
  http:
  - match:
    - uri:
        regex: >-
          /items/[0-9]+
    headers:
      response:
        set:
          x-why: a plain text
            over lines
          x-more: "another one
            in quotes"
    route:
    - destination:
        host: catalog
        subset: v1
  - route:
    - destination:
        host: catalog
        subset: v1
`,
  'a List with other objects': `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: other
    namespace: shop
  data: {a: "1"}
- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata:
    name: catalog
    namespace: shop
  spec:
    hosts:
      - catalog
    http:
      - match:
          - uri:
              prefix: /items
        route:
          - destination:
              host: catalog
              subset: v1
      - route:
          - destination:
              host: catalog
              subset: v1
`,
  'several documents': `---
# first
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: shop}
---

apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
spec:
  hosts: [catalog]
  http:
  - route:
    - destination:
        host: catalog
        subset: v1

---
# last
apiVersion: v1
kind: ConfigMap
metadata: {name: another, namespace: shop}
...
`,
  'nested dashes': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
spec:
  hosts:
  -   catalog
  http:
  -   match:
      -   uri:
              prefix: /items
      route:
      -   destination:
              host: catalog
              subset: v1
  -   route:
      -   destination:
              host: catalog
              subset: v1
`,
  'dashes on lines of their own': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
spec:
  hosts:
    -
      catalog
  http:
    -
      match:
        -
          uri:
            prefix: /items
      route:
        -
          destination:
            host: catalog
            subset: v1
    -
      route:
        -
          destination:
            host: catalog
            subset: v1
`,
  'a mirror in flow style': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop
  annotations: {team: shop}
spec:
  hosts: [catalog]
  http:
  - match: [{uri: {prefix: /items}}]
    route: [{destination: {host: catalog, subset: v1}}]
    mirror: {host: audit}
  - route: [{destination: {host: catalog, subset: v1}}]
`,
  'weights, and retries in the middle': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {namespace: shop, name: catalog}
spec:
  http:
  - route:
    - weight: 100
      destination:
        subset: v1
        host: catalog

    retries:
      attempts: 3

      perTryTimeout: 2s
  hosts:
  - catalog
`,
  'keys in quotes': `"apiVersion": networking.istio.io/v1
"kind": VirtualService
"metadata":
  "name": catalog
  "namespace": shop
"spec":
  "hosts":
  - catalog
  "http":
  - "match":
    - "uri":
        "prefix": /items
    "route":
    - "destination":
        "host": catalog
        "subset": v1
  - "route":
    - "destination":
        "host": catalog
        "subset": v1
`,
}
