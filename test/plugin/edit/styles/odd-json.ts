const json = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: {
    hosts: ['catalog'],
    http: [
      {
        match: [{ uri: { regex: '/items/\\d+' } }],
        route: [{ destination: { host: 'catalog', subset: 'v1' } }],
      },
      { route: [{ destination: { host: 'catalog', subset: 'v1' } }] },
    ],
  },
}

/** The same route as JSON, with the white space of one level. */
export const jsonStyles: Readonly<Record<string, string>> = {
  'JSON with two spaces': `${JSON.stringify(json, null, 2)}\n`,
  'JSON with four spaces': `${JSON.stringify(json, null, 4)}\n`,
  'JSON with tabs': `${JSON.stringify(json, null, '\t')}\n`,
  'JSON on one line': JSON.stringify(json),
  'JSON with short lists on one line': `{
  "apiVersion": "networking.istio.io/v1",
  "kind": "VirtualService",
  "metadata": { "name": "catalog", "namespace": "shop" },
  "spec": {
    "hosts": ["catalog"],
    "http": [
      {
        "match": [{ "uri": { "prefix": "/items" } }],
        "route": [{ "destination": { "host": "catalog", "subset": "v1" } }]
      },
      {
        "route": [{ "destination": { "host": "catalog", "subset": "v1" } }]
      }
    ]
  }
}
`,
}
