/** A value for each key of values.yaml that differs from its default, and what comes of it. */
import { valuesAt } from './schema/values-at.ts'

type Part = Readonly<Record<string, unknown>>

/** The value; the kind of the object where it is seen, and part of that object, or null where the object is gone; what else must be set. */
export type ValueExample = readonly [
  value: unknown,
  kind: string,
  seen: Part | null,
  needs?: Readonly<Record<string, unknown>>,
]

const pod = (spec: Part): Part => ({ spec: { template: { spec } } })
const container = (fields: Part): Part => pod({ containers: [fields] })
const mark = { 'example.com/team': 'shop' }
const labelled = { metadata: { labels: mark } }
const annotated = { metadata: { annotations: mark } }
const selector = { matchLabels: { team: 'shop' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] }
const relabelings = [{ sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }]
const secret = { name: 'registry' }
const peer = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }
const digest = `sha256:${'0'.repeat(64)}`
const certManager = { 'certificate.mode': 'certManager' }
const ownSecret = {
  'certificate.mode': 'secret',
  'certificate.secretName': 'mine',
  'certificate.caBundle': 'LS0t',
}

/** The labels and annotations of an object, below a key. */
const marks = (
  key: string,
  kind: string,
  needs: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, ValueExample>> => ({
  [`${key}.labels`]: [mark, kind, labelled, needs],
  [`${key}.annotations`]: [mark, kind, annotated, needs],
})

const monitor = (key: string, kind: string): Readonly<Record<string, ValueExample>> => {
  const needs = { [`${key}.enabled`]: true }
  const endpoints = kind === 'PodMonitor' ? 'podMetricsEndpoints' : 'endpoints'
  const endpoint = (fields: Part): Part => ({ spec: { [endpoints]: [fields] } })
  return {
    [`${key}.enabled`]: [true, kind, { spec: { selector: { matchLabels: {} } } }],
    [`${key}.namespace`]: [
      'monitoring',
      kind,
      {
        metadata: { namespace: 'monitoring' },
        spec: { namespaceSelector: { matchNames: ['guard-system'] } },
      },
      needs,
    ],
    [`${key}.interval`]: ['10s', kind, endpoint({ interval: '10s' }), needs],
    [`${key}.scrapeTimeout`]: ['5s', kind, endpoint({ scrapeTimeout: '5s' }), needs],
    [`${key}.relabelings`]: [relabelings, kind, endpoint({ relabelings }), needs],
    [`${key}.metricRelabelings`]: [relabelings, kind, endpoint({ metricRelabelings: relabelings }), needs],
    ...marks(key, kind, needs),
  }
}

/** By the path of the value. */
export const everyValue: Readonly<Record<string, ValueExample>> = {
  'global.image.registry': [
    'mirror.example:5000',
    'Deployment',
    container({ image: 'mirror.example:5000/kubectl-canary/canary-guard:0.1.0' }),
  ],
  'global.imagePullSecrets': [[secret], 'Deployment', pod({ imagePullSecrets: [secret] })],
  'image.registry': [
    'mirror.example/team/',
    'Deployment',
    container({ image: 'mirror.example/team/canary-guard:0.1.0' }),
    { 'image.repository': 'localhost/canary-guard', 'global.image.registry': 'other.example' },
  ],
  'image.repository': ['other/guard', 'Deployment', container({ image: 'other/guard:0.1.0' })],
  'image.tag': ['1.2.3', 'Deployment', container({ image: 'ghcr.io/kubectl-canary/canary-guard:1.2.3' })],
  'image.digest': [
    digest,
    'Deployment',
    container({ image: `ghcr.io/kubectl-canary/canary-guard@${digest}` }),
  ],
  'image.pullPolicy': ['Always', 'Deployment', container({ imagePullPolicy: 'Always' })],
  'image.pullSecrets': [[secret], 'Deployment', pod({ imagePullSecrets: [secret] })],
  fullnameOverride: ['other', 'Deployment', { metadata: { name: 'other' } }],
  commonLabels: [mark, 'Secret', labelled],
  commonAnnotations: [mark, 'Secret', annotated],
  replicas: [3, 'Deployment', { spec: { replicas: 3 } }],
  updateStrategy: [
    { rollingUpdate: { maxUnavailable: 1 } },
    'Deployment',
    { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } } },
  ],
  revisionHistoryLimit: [3, 'Deployment', { spec: { revisionHistoryLimit: 3 } }],
  ...marks('deployment', 'Deployment'),
  'webhook.failurePolicy': [
    'Fail',
    'ValidatingWebhookConfiguration',
    { webhooks: [{ failurePolicy: 'Fail' }] },
  ],
  'webhook.timeoutSeconds': [3, 'ValidatingWebhookConfiguration', { webhooks: [{ timeoutSeconds: 3 }] }],
  'webhook.port': [9443, 'Deployment', container({ ports: [{ name: 'https', containerPort: 9443 }] })],
  'webhook.url': [
    'https://guard.example.com/validate',
    'ValidatingWebhookConfiguration',
    { webhooks: [{ clientConfig: { url: 'https://guard.example.com/validate' } }] },
  ],
  'webhook.clientCA': [
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t',
    'ConfigMap',
    { data: { 'client-ca.crt': '-----BEGIN CERTIFICATE-----\n' } },
  ],
  'webhook.excludedNamespaces': [
    ['legacy'],
    'ValidatingWebhookConfiguration',
    { webhooks: [{ namespaceSelector: { matchExpressions: [{ values: ['legacy'] }] } }] },
  ],
  'webhook.namespaceSelector': [
    selector,
    'ValidatingWebhookConfiguration',
    { webhooks: [{ namespaceSelector: selector }] },
  ],
  'webhook.objectSelector': [
    selector,
    'ValidatingWebhookConfiguration',
    { webhooks: [{ objectSelector: selector }] },
  ],
  // Seen only with a cluster: release/helm.test.ts uninstalls.
  'webhook.deleteConfigurationFirst': [false, 'ValidatingWebhookConfiguration', {}],
  ...marks('webhook', 'ValidatingWebhookConfiguration'),
  'policy.enabled': [true, 'ValidatingAdmissionPolicy', { spec: { failurePolicy: 'Ignore' } }],
  ...marks('policy', 'ValidatingAdmissionPolicyBinding', { 'policy.enabled': true }),
  'certificate.mode': ['certManager', 'Issuer', { spec: { selfSigned: {} } }],
  'certificate.secretName': [
    'mine',
    'Deployment',
    pod({ volumes: [{ name: 'certificate', secret: { secretName: 'mine' } }] }),
    ownSecret,
  ],
  'certificate.caBundle': [
    'LS0t',
    'ValidatingWebhookConfiguration',
    { webhooks: [{ clientConfig: { caBundle: 'LS0t' } }] },
    ownSecret,
  ],
  'certificate.issuerRef': [
    { kind: 'ClusterIssuer', name: 'internal' },
    'Certificate',
    { spec: { issuerRef: { kind: 'ClusterIssuer', name: 'internal' } } },
    certManager,
  ],
  ...marks('certificate', 'Secret'),
  config: [{ onError: 'deny' }, 'ConfigMap', { data: { 'config.yaml': 'onError: deny\n' } }],
  ...marks('configMap', 'ConfigMap'),
  probePort: [9090, 'Service', { spec: { ports: [{ name: 'http-metrics', port: 9090 }] } }],
  'mesh.readConfigMap': [false, 'ClusterRole', {}],
  drainSeconds: [20, 'Deployment', pod({ terminationGracePeriodSeconds: 40 })],
  logLevel: ['debug', 'Deployment', container({ args: ['--log-level=debug'] })],
  resources: [
    { limits: { memory: '512Mi' } },
    'Deployment',
    container({ resources: { limits: { memory: '512Mi' } } }),
  ],
  priorityClassName: [
    'system-cluster-critical',
    'Deployment',
    pod({ priorityClassName: 'system-cluster-critical' }),
  ],
  nodeSelector: [
    { 'kubernetes.io/os': 'linux' },
    'Deployment',
    pod({ nodeSelector: { 'kubernetes.io/os': 'linux' } }),
  ],
  tolerations: [
    [{ key: 'x', operator: 'Exists' }],
    'Deployment',
    pod({ tolerations: [{ key: 'x', operator: 'Exists' }] }),
  ],
  affinity: [
    {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'rack', labelSelector: { matchLabels: { team: 'shop' } } },
        ],
      },
    },
    'Deployment',
    pod({
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'rack', labelSelector: { matchLabels: { team: 'shop' } } },
          ],
        },
      },
    }),
  ],
  topologySpreadConstraints: [
    [{ topologyKey: 'rack', maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' }],
    'Deployment',
    pod({
      topologySpreadConstraints: [
        {
          topologyKey: 'rack',
          maxSkew: 2,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'guard' } },
        },
      ],
    }),
  ],
  podLabels: [mark, 'Deployment', { spec: { template: labelled } }],
  podAnnotations: [mark, 'Deployment', { spec: { template: annotated } }],
  podSecurityContext: [
    { runAsUser: 1000 },
    'Deployment',
    pod({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } }),
  ],
  securityContext: [
    { readOnlyRootFilesystem: false },
    'Deployment',
    container({ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: false } }),
  ],
  hostNetwork: [
    true,
    'Deployment',
    pod({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    { 'webhook.port': 10260 },
  ],
  dnsPolicy: ['Default', 'Deployment', pod({ dnsPolicy: 'Default' })],
  dnsConfig: [
    { nameservers: ['192.0.2.1'] },
    'Deployment',
    pod({ dnsConfig: { nameservers: ['192.0.2.1'] } }),
  ],
  extraArgs: [['--log-level=trace'], 'Deployment', container({ args: ['--log-level=trace'] })],
  extraEnv: [
    [{ name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'url' } } }],
    'Deployment',
    container({
      env: [{ name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'url' } } }],
    }),
  ],
  extraVolumes: [
    [{ name: 'extra', emptyDir: {} }],
    'Deployment',
    pod({ volumes: [{ name: 'extra', emptyDir: {} }] }),
  ],
  extraVolumeMounts: [
    [{ name: 'extra', mountPath: '/extra' }],
    'Deployment',
    container({ volumeMounts: [{ name: 'extra', mountPath: '/extra' }] }),
    { extraVolumes: [{ name: 'extra', emptyDir: {} }] },
  ],
  livenessProbe: [
    { timeoutSeconds: 5 },
    'Deployment',
    container({ livenessProbe: { httpGet: { path: '/healthz' }, periodSeconds: 10, timeoutSeconds: 5 } }),
  ],
  readinessProbe: [
    { timeoutSeconds: 5 },
    'Deployment',
    container({ readinessProbe: { httpGet: { path: '/readyz' }, periodSeconds: 2, timeoutSeconds: 5 } }),
  ],
  'service.ipFamilyPolicy': ['PreferDualStack', 'Service', { spec: { ipFamilyPolicy: 'PreferDualStack' } }],
  'service.ipFamilies': [['IPv4'], 'Service', { spec: { ipFamilies: ['IPv4'] } }],
  ...marks('service', 'Service'),
  'serviceAccount.create': [false, 'ServiceAccount', null],
  'serviceAccount.name': ['other', 'Deployment', pod({ serviceAccountName: 'other' })],
  ...marks('serviceAccount', 'ServiceAccount'),
  'rbac.create': [false, 'ClusterRole', null],
  ...marks('rbac', 'ClusterRole'),
  'historyRole.create': [false, 'ClusterRole -history', null],
  ...marks('historyRole', 'ClusterRole -history'),
  'podDisruptionBudget.enabled': [false, 'PodDisruptionBudget', null],
  'podDisruptionBudget.minAvailable': ['50%', 'PodDisruptionBudget', { spec: { minAvailable: '50%' } }],
  'podDisruptionBudget.maxUnavailable': [2, 'PodDisruptionBudget', { spec: { maxUnavailable: 2 } }],
  'podDisruptionBudget.unhealthyPodEvictionPolicy': [
    'IfHealthyBudget',
    'PodDisruptionBudget',
    { spec: { unhealthyPodEvictionPolicy: 'IfHealthyBudget' } },
  ],
  ...marks('podDisruptionBudget', 'PodDisruptionBudget'),
  'networkPolicy.enabled': [false, 'NetworkPolicy', null],
  'networkPolicy.apiServerPorts': [
    [8443],
    'NetworkPolicy',
    { spec: { egress: [{ ports: [{ protocol: 'TCP', port: 8443 }] }] } },
  ],
  'networkPolicy.webhookFrom': [[peer], 'NetworkPolicy', { spec: { ingress: [{ from: [peer] }] } }],
  'networkPolicy.metricsFrom': [[peer], 'NetworkPolicy', { spec: { ingress: [{ from: [peer] }] } }],
  ...marks('networkPolicy', 'NetworkPolicy'),
  ...monitor('serviceMonitor', 'ServiceMonitor'),
  ...monitor('podMonitor', 'PodMonitor'),
  'prometheusRule.enabled': [true, 'PrometheusRule', { spec: { groups: [{ name: 'guard-canary-guard' }] } }],
  'prometheusRule.namespace': [
    'monitoring',
    'PrometheusRule',
    { metadata: { namespace: 'monitoring' } },
    { 'prometheusRule.enabled': true },
  ],
  ...marks('prometheusRule', 'PrometheusRule', { 'prometheusRule.enabled': true }),
  'dashboard.enabled': [true, 'ConfigMap -dashboard', { metadata: { labels: { grafana_dashboard: '1' } } }],
  'dashboard.namespace': [
    'monitoring',
    'ConfigMap -dashboard',
    { metadata: { namespace: 'monitoring' } },
    { 'dashboard.enabled': true },
  ],
  ...marks('dashboard', 'ConfigMap -dashboard', { 'dashboard.enabled': true }),
  'test.namespace': ['shop', 'Role -test', { metadata: { namespace: 'shop' } }],
  ...marks('test', 'Pod -test'),
}

/** Every value at once, save those that switch off what others are about, and one of the two monitors. */
export const allValues = (without: 'serviceMonitor' | 'podMonitor'): Part =>
  valuesAt(
    Object.fromEntries(
      Object.entries(everyValue).flatMap(([path, [value]]) =>
        value === false || path.startsWith(without) ? [] : [[path, value]],
      ),
    ),
  )
