/** Helm on the chart, without a cluster. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { ensureAssets } from '../cluster/assets.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { goProgram } from '../cluster/processes.ts'
import { allValues } from './every-value.ts'
import { byKeptHelm } from '../cluster/programs/kept-helm.ts'

export const chart = join(import.meta.dirname, '../../charts/canary-guard')
/** Both Helms that the chart is for. */
export const helms = ['helm3', 'helm4'] as const
export type Helm = (typeof helms)[number]

/** A Kubernetes object as a template renders it. */
export interface Rendered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}
/** Values as a `--values` file holds them. */
export type Values = Readonly<Record<string, unknown>>

export interface HelmResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs one of the Helms; a failure is a code. */
export async function helm(
  which: Helm,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<HelmResult> {
  const kept = which === 'helm4' && Object.keys(env).length === 0 ? await byKeptHelm(args) : undefined
  return kept ?? startedHelm(which, args, env)
}

/** As {@link helm}, always in a process of its own. */
export async function startedHelm(
  which: Helm,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<HelmResult> {
  const program = (await ensureAssets([which]))[which]
  const home = await mkdtemp(join(tmpdir(), 'canary-helm-'))
  try {
    return await new Promise(resolve =>
      execFile(
        program,
        args,
        { env: { HOME: home, ...goProgram, ...env }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
      ),
    )
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const results = new Map<string, Promise<HelmResult>>()

/**
 * `helm template` with values, as release `guard` in namespace `guard-system`. Without other arguments the same values are rendered once in a
 * process: one in five is asked for again.
 */
export function template(
  which: Helm,
  values: Values = {},
  args: readonly string[] = [],
): Promise<HelmResult> {
  if (args.length > 0) return rendered(which, values, args)
  const key = JSON.stringify([which, values])
  const known = results.get(key) ?? rendered(which, values, args)
  results.set(key, known)
  return known
}

async function rendered(which: Helm, values: Values, args: readonly string[]): Promise<HelmResult> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-values-'))
  try {
    await writeFile(join(folder, 'values.json'), JSON.stringify(values))
    return await helm(which, [
      'template',
      'guard',
      chart,
      '--namespace',
      'guard-system',
      '--values',
      join(folder, 'values.json'),
      ...(args.includes('--kube-version') ? [] : ['--kube-version', '1.36.0']),
      ...args,
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the chart renders to with values; throws what Helm says if it does not. */
export async function render(values: Values = {}, which: Helm = 'helm4'): Promise<readonly Rendered[]> {
  const { code, stdout, stderr } = await template(which, values)
  if (code !== 0) throw new Error(stderr)
  return objectsIn(stdout)
}

/** The objects in YAML text, in order. */
export const objectsIn = (text: string): readonly Rendered[] =>
  parseAllDocuments(text)
    .map(document => (document as { toJS(): unknown }).toJS() as Rendered | null)
    .filter(object => object !== null)

/** The one object of a kind, hooks left aside. */
export function one(objects: readonly Rendered[], kind: string): Rendered {
  const found = objects.filter(
    object =>
      object.kind === kind
      && object.metadata.annotations?.['helm.sh/hook'] === undefined
      // The role of people who edit is looked at by itself.
      && !object.metadata.name.endsWith('-history'),
  )
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}`)
  return found[0]!
}

/** Sets of values that switch everything on in turn. */
export const combinations: Readonly<Record<string, Values>> = {
  'the defaults': {},
  'everything switched on': {
    replicas: 3,
    priorityClassName: 'system-cluster-critical',
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'x', operator: 'Exists' }],
    podLabels: { team: 'platform' },
    podAnnotations: { note: 'x' },
    image: { pullSecrets: [{ name: 'registry' }] },
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: 'x', operator: 'Exists' }] } },
        ],
      },
    },
    serviceAccount: { name: 'other', annotations: { note: 'x' } },
    networkPolicy: {
      webhookFrom: [{ ipBlock: { cidr: '10.0.0.1/32' } }],
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
    webhook: {
      failurePolicy: 'Fail',
      excludedNamespaces: ['legacy'],
      objectSelector: { matchLabels: { team: 'shop' } },
      clientCA: '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n',
    },
    config: {
      rules: { 'missing-version-label': 'off' },
      absent: { host: 'deny' },
      onError: 'deny',
      audit: { intervalSeconds: 60 },
      mesh: { rootNamespace: 'mesh' },
      exemptions: { allowed: { groups: ['platform'] }, never: ['undefined-subset'] },
    },
  },
  'every value set, with a ServiceMonitor': allValues('podMonitor'),
  'every value set, with a PodMonitor': allValues('serviceMonitor'),
  'everything switched off': {
    replicas: 1,
    serviceAccount: { create: false },
    rbac: { create: false },
    podDisruptionBudget: { enabled: false },
    networkPolicy: { enabled: false },
    webhook: { deleteConfigurationFirst: false },
    mesh: { readConfigMap: false },
  },
  'cert-manager': {
    certificate: { mode: 'certManager' },
    webhook: { url: 'https://guard.example.com/validate' },
  },
  'a given issuer': {
    certificate: { mode: 'certManager', issuerRef: { kind: 'ClusterIssuer', name: 'internal' } },
  },
  "a certificate of the user's": {
    certificate: { mode: 'secret', secretName: 'mine', caBundle: 'LS0tLS0=' },
  },
  'a guard outside the cluster': {
    webhook: { url: 'https://127.0.0.1:8443/validate' },
    replicas: 0,
    fullnameOverride: 'other',
  },
}

/** A test that needs the Helms; skipped with a line where they cannot be had. */
export function helmTest(title: string, body: () => Promise<void>): void {
  void test(title, async context => {
    if (await orSkip(context, () => ensureAssets(helms))) await body()
  })
}
