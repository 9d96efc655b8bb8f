/** Reviews made to cost a guard as much as they can, each of an object that an API server would take or of one that it would not. */
type JsonFields = Readonly<Record<string, unknown>>

interface ReviewOptions {
  readonly name?: string
  readonly namespace?: string
  readonly annotations?: JsonFields
  readonly old?: object
}

const groups: Readonly<Record<string, string>> = { Service: '', Deployment: 'apps' }

/** The review of one object in the namespace ns1; with `old` its update. */
function reviewOf(
  kind: string,
  spec: JsonFields,
  { name = 'x', namespace = 'ns1', annotations = {}, old }: ReviewOptions = {},
): string {
  const group = groups[kind] ?? 'networking.istio.io'
  const metadata = { name, namespace, resourceVersion: '5', annotations }
  const object = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind, metadata, spec }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      kind: { group, version: 'v1', kind },
      resource: { group, version: 'v1', resource: `${kind.toLowerCase()}s` },
      operation: old === undefined ? 'CREATE' : 'UPDATE',
      namespace,
      name,
      userInfo: { username: 'somebody' },
      dryRun: false,
      object,
      oldObject: old === undefined ? null : { ...object, spec: old },
    },
  })
}

const routed = (spec: JsonFields, named?: ReviewOptions): string =>
  reviewOf('VirtualService', { http: [{ route: [to('svc1', 'v1')] }], ...spec }, named)
const ruled = (spec: JsonFields, named?: ReviewOptions): string =>
  reviewOf('DestinationRule', { host: 'svc1', ...spec }, named)
const to = (host: string, subset: string, more: JsonFields = {}): object => ({
  destination: { host, subset },
  ...more,
})
const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const existing: ReviewOptions = { name: 'svc1' }
const label = 'a'.repeat(30)

/** The cases by what is too much in them. */
export const hostileReviews: Readonly<Record<string, () => string>> = {
  'a sound one': () => routed({ hosts: ['x'] }),
  'VirtualService for *.local, *, *.svc.cluster.local': () =>
    routed({ hosts: ['*.local', '*', '*.svc.cluster.local'], http: [{ route: [to('svc1', 'v9')] }] }),
  'VirtualService for *.svc.cluster.local': () => routed({ hosts: ['*.svc.cluster.local'] }),
  'VirtualService for * with tcp and tls routes': () =>
    routed({
      hosts: ['*'],
      tcp: [{ route: [to('svc1', 'v1')] }],
      tls: [{ match: [{ sniHosts: ['*'], port: 443 }], route: [to('svc1', 'v1')] }],
    }),
  'VirtualService for * exported to 500 namespaces': () =>
    routed({ hosts: ['*'], exportTo: many(500, i => `ns${i}`) }),
  'VirtualService for 50 wildcards with 200 clients': () =>
    routed({
      hosts: many(50, i => `*.ns${i}.svc.cluster.local`),
      http: [{ match: many(200, i => ({ sourceNamespace: `ns${i}` })), route: [to('svc1', 'v1')] }],
    }),
  'VirtualService of 10,000 hosts': () => routed({ hosts: many(10_000, i => `h${i}.example.com`) }),
  "VirtualService of 10,000 Services' hosts": () =>
    routed({ hosts: many(10_000, i => `svc${i}.ns${i % 200}.svc.cluster.local`) }),
  'VirtualService of 10,000 hosts, tcp': () =>
    routed({
      hosts: many(10_000, i => `svc${i}.ns${i % 200}.svc.cluster.local`),
      http: undefined,
      tcp: [{ route: [to('svc1', 'v1')] }],
    }),
  'VirtualService of 80,000 hosts': () => routed({ hosts: many(80_000, i => `h${i}.example.com`) }),
  'VirtualService of 1,000 wildcard hosts': () => routed({ hosts: many(1000, i => `*.h${i}.example.com`) }),
  'VirtualService of 10,000 other spellings': () =>
    routed({ hosts: many(10_000, i => `svc${i}.ns${i % 200}`) }),
  'VirtualService to 4,000 hosts': () =>
    routed({
      hosts: ['svc1'],
      http: [{ route: many(4000, i => to(`svc${i}.ns${i % 200}.svc.cluster.local`, 'v1', { weight: 1 })) }],
    }),
  'VirtualService to 4,000 undefined subsets': () =>
    routed({ hosts: ['svc1'], http: [{ route: many(4000, i => to('svc1', `u${i}`, { weight: 1 })) }] }),
  'VirtualService to 3,000 hosts of 120 labels': () =>
    routed({
      hosts: ['svc1'],
      http: [{ route: many(3000, i => to(`h${i}${'.a'.repeat(120)}`, 'v1', { weight: 1 })) }],
    }),
  'VirtualService to one destination 4,000 times': () =>
    routed({ hosts: ['svc1'], http: [{ route: many(4000, () => to('svc1', 'v1', { weight: 1 })) }] }),
  'VirtualService of 2,000 routes': () =>
    routed({
      hosts: ['svc1'],
      http: many(2000, i => ({
        match: [{ headers: { a: { exact: `v${i}` } } }],
        route: [to('svc1', `v${i % 5}`)],
      })),
    }),
  'VirtualService of 6,000 routes, 1.3 MB, of which one changes': () => {
    const http = many(6000, i => ({
      name: `route-${i}`,
      match: [{ uri: { prefix: `/api/v1/resource/${i}` }, method: { exact: 'GET' } }],
      timeout: '5s',
      retries: { attempts: 3, perTryTimeout: '2s' },
      route: [to(`svc${(i % 50) * 200 + 1}`, 'v1')],
    }))
    return routed(
      { hosts: ['svc1'], http: [...http.slice(1), { route: [to('svc1', 'v9')] }] },
      { old: { hosts: ['svc1'], http } },
    )
  },
  'VirtualService of 2,000 routes to as many hosts': () =>
    routed({
      hosts: ['svc1'],
      http: many(2000, i => ({
        match: [{ headers: { a: { exact: `v${i}` } } }],
        route: [to(`svc${i}.ns${i % 200}.svc.cluster.local`, 'v1')],
      })),
    }),
  'VirtualService of 2,000 routes after a catch-all': () =>
    routed({ hosts: ['svc1'], http: many(2000, () => ({ route: [to('svc1', 'v1')] })) }),
  'VirtualService of 1,000 matches, namespaces, labels': () =>
    routed({
      hosts: ['svc1'],
      http: many(20, i => ({
        match: many(50, j => ({
          uri: { prefix: `/a${i}${j}` },
          sourceNamespace: `ns${j}`,
          sourceLabels: { app: `a${j}` },
        })),
        route: [to('svc1', 'v1')],
      })),
    }),
  'VirtualService of 100 clients by 100 labels': () =>
    routed({
      hosts: ['svc1'],
      http: [
        {
          match: many(100, j => ({ sourceNamespace: `ns${j}`, sourceLabels: { app: `a${j}` } })),
          route: [to('svc1', 'v1')],
        },
      ],
    }),
  'VirtualService of 10,000 regexes': () =>
    routed({
      hosts: ['x'],
      http: [
        {
          match: many(10_000, i => ({ uri: { regex: `\\pL{100}${i}(a|b){10}` } })),
          route: [to('svc1', 'v1')],
        },
      ],
    }),
  'VirtualService of 1,000 costly regexes': () =>
    routed({
      hosts: ['x'],
      http: [
        {
          match: many(1000, i => ({ uri: { regex: `(((\\pL{10}){10}){10})${i}` } })),
          route: [to('svc1', 'v1')],
        },
      ],
    }),
  'VirtualService of regexes of 300 KB': () =>
    routed({
      hosts: ['x'],
      http: [
        {
          match: [
            { uri: { regex: '('.repeat(100_000) } },
            { uri: { regex: 'a'.repeat(300_000) } },
            { uri: { regex: `[${'\\p{L}\\pN'.repeat(20_000)}]` } },
          ],
          route: [to('svc1', 'v1')],
        },
      ],
    }),
  'VirtualService of hosts of 1 MB': () =>
    routed({
      hosts: ['a.'.repeat(500_000), '*.'.repeat(100_000)],
      http: [{ route: [to('b.'.repeat(200_000), 'v1')] }],
    }),
  'VirtualService that delegates to itself 2,000 times': () =>
    routed({ hosts: ['x'], http: many(2000, () => ({ delegate: { name: 'x' } })) }),
  'VirtualService that 300 routes of a delegate meet': () =>
    routed({
      hosts: ['x'],
      http: many(300, i => ({
        match: many(30, j => ({ uri: { prefix: `/${i}/${j}` } })),
        delegate: { name: 'svc1' },
      })),
    }),
  'VirtualService bound to 10,000 gateways': () =>
    routed({ hosts: ['*'], gateways: many(10_000, i => `ns1/gw${i}`) }),
  'VirtualService of 5,000 header matches': () =>
    routed({
      hosts: ['x'],
      http: [
        {
          match: [{ headers: Object.fromEntries(many(5000, i => [`h${i}`, { exact: 'v' }])) }],
          route: [to('svc1', 'v1')],
        },
      ],
    }),
  'VirtualService of a deep match': () =>
    routed({ hosts: ['x'], http: [{ match: [0] }] }).replace(
      '[0]',
      `${'[{"a":'.repeat(3000)}1${'}]'.repeat(3000)}`,
    ),
  'VirtualService of deep sourceLabels': () =>
    routed({ hosts: ['x'], http: [{ match: [{ sourceLabels: { a: 0 } }] }] }).replace(
      '{"a":0}',
      `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`,
    ),
  'VirtualService of 100,000 empty routes': () => routed({ hosts: ['x'], http: many(100_000, () => ({})) }),
  'VirtualService of 130,000 unknown fields': () =>
    routed({ hosts: ['x'], ...Object.fromEntries(many(130_000, i => [`f${i}`, 1])) }),
  'VirtualService with 8 MiB of another field': () =>
    routed({ hosts: ['x'], x: 'y'.repeat(8 * 2 ** 20 - 2000) }),
  'VirtualService with an exemption of 250 KB': () =>
    routed(
      { hosts: ['x'], http: [{ route: [to('svc1', 'v9')] }] },
      { annotations: { 'kubectl-canary/exempt': 'a:b;'.repeat(62_000) } },
    ),
  'VirtualService with an exemption and 500 findings': () =>
    routed(
      {
        hosts: ['svc1'],
        http: many(500, i => ({ match: [{ uri: { prefix: `/${i}` } }], route: [to('svc1', `u${i}`)] })),
      },
      { annotations: { 'kubectl-canary/exempt': 'a:b;'.repeat(62_000) } },
    ),
  'DestinationRule for *.local': () => ruled({ host: '*.local' }),
  'DestinationRule for *': () => ruled({ host: '*', subsets: [{ name: 'v1' }] }),
  'DestinationRule for * that loses its subsets': () =>
    ruled({ host: '*' }, { old: { host: '*', subsets: [{ name: 'v1', labels: { version: 'v1' } }] } }),
  'DestinationRule of 10,000 subsets': () =>
    ruled({ subsets: many(10_000, i => ({ name: `s${i}`, labels: { version: `v${i}` } })) }, existing),
  'DestinationRule of 10,000 subsets of one name': () =>
    ruled({ subsets: many(10_000, i => ({ name: 's', labels: { version: `v${i}` } })) }, existing),
  'DestinationRule that loses 8,000 subsets': () =>
    ruled(
      { subsets: [] },
      {
        ...existing,
        old: { host: 'svc1', subsets: many(8000, i => ({ name: `s${i}`, labels: { version: `v${i}` } })) },
      },
    ),
  'DestinationRule exported to 10,000 namespaces': () =>
    ruled(
      { exportTo: many(10_000, i => `ns${i}`), subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
      existing,
    ),
  'Service of 10,000 ports': () =>
    reviewOf(
      'Service',
      {
        selector: { app: 'svc1' },
        ports: many(10_000, i => ({ port: i + 1, name: `p${i}`, protocol: 'TCP' })),
      },
      existing,
    ),
  'Service that loses 5,000 ports': () =>
    reviewOf(
      'Service',
      { selector: { app: 'svc1' }, ports: [] },
      {
        ...existing,
        old: { selector: { app: 'svc1' }, ports: many(5000, i => ({ port: i + 1, name: `http-${i}` })) },
      },
    ),
  'Service exported to 20,000 namespaces': () =>
    reviewOf(
      'Service',
      { selector: { app: 'svc1' }, ports: [{ port: 80, name: 'http' }] },
      { ...existing, annotations: { 'networking.istio.io/exportTo': many(20_000, i => `ns${i}`).join() } },
    ),
  'Service that selects by 10,000 labels': () =>
    reviewOf(
      'Service',
      {
        selector: Object.fromEntries(many(10_000, i => [`${label}${i}`, 'x'])),
        ports: [{ port: 80, name: 'http' }],
      },
      existing,
    ),
  'Deployment of 10,000 labels': () =>
    reviewOf(
      'Deployment',
      {
        template: {
          metadata: {
            labels: { app: 'svc1', ...Object.fromEntries(many(10_000, i => [`${label}${i}`, 'x'])) },
          },
        },
      },
      { name: 'svc1-v1' },
    ),
  'ServiceEntry for *.local and *': () =>
    reviewOf('ServiceEntry', {
      hosts: ['*.local', '*.com'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'NONE',
    }),
  'ServiceEntry of 10,000 hosts, 1,000 ports': () =>
    reviewOf('ServiceEntry', {
      hosts: many(10_000, i => `h${i}.example.com`),
      ports: many(1000, i => ({ number: i + 1, name: `p${i}`, protocol: 'HTTP' })),
      resolution: 'DNS',
    }),
  'ServiceEntry of 8,000 endpoints': () =>
    reviewOf('ServiceEntry', {
      hosts: ['h.example.com'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: many(8000, i => ({ address: '1.2.3.4', labels: { version: `v${i}` } })),
    }),
  'Gateway for * without a selector': () =>
    reviewOf('Gateway', {
      servers: many(1000, i => ({ port: { number: i + 1, protocol: 'HTTP', name: `p${i}` }, hosts: ['*'] })),
    }),
  'Sidecar of the root namespace': () =>
    reviewOf('Sidecar', { egress: [{ hosts: ['*/*'] }] }, { namespace: 'istio-system' }),
  'Sidecar of 10,000 hosts': () =>
    reviewOf(
      'Sidecar',
      { egress: [{ hosts: many(10_000, i => `*/svc${i}.ns${i % 200}.svc.cluster.local`) }] },
      { namespace: 'istio-system' },
    ),
  'names of control characters': () =>
    routed(
      {
        hosts: ['x\u0000\u001b[2J\u202e'],
        http: [{ name: '\ud800', route: [to('svc1', 'v\u2028\n\u0007')] }],
      },
      { name: 'n\u001b\nx' },
    ),
  '400,000 brackets': () => routed({ hosts: ['x'], x: many(390_000, () => [] as const) }),
}
