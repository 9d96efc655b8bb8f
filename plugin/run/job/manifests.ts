import { createHash } from 'node:crypto'
import type { RoleRule, RunRights } from './rights.ts'

/** A Job that carries a run out. */
export interface RunJob {
  readonly service: string
  readonly namespace: string
  readonly image: string
  /** The words after the name of the program. */
  readonly words: readonly string[]
  /** Files that they name, by their names in {@link RunJob.folder}. */
  readonly files: Readonly<Record<string, string>>
  readonly folder: string
  /** The environment variable that holds the UID of the Job. */
  readonly uidVariable: string
  readonly rights: RunRights
}

/** Pods are labelled with the name of their Job, and a label takes 63 characters. */
const longestName = 63

/** The name of all objects of the Job in the namespace of its Service. */
export function jobName(service: string): string {
  const name = `kubectl-canary-run-${service.replaceAll(/[^-a-z0-9]/g, '-')}`
  if (name.length <= longestName && name.endsWith(service)) return name
  const digest = createHash('sha256').update(service).digest('hex').slice(0, 8)
  return `${name.slice(0, longestName - 9)}-${digest}`
}

const rbac = 'rbac.authorization.k8s.io'

/** The objects, in the order in which they are to be made. */
export function jobObjects(job: RunJob): readonly object[] {
  const { service, namespace, rights, files } = job
  const name = jobName(service)
  const abroad = `kubectl-canary-run.${namespace}.${service}`
  const subjects = [{ kind: 'ServiceAccount', name, namespace }]
  const bound = (
    kind: 'Role' | 'ClusterRole',
    of: { readonly name: string; readonly namespace?: string },
    rules: readonly RoleRule[],
  ) => {
    const apiVersion = `${rbac}/v1`
    const roleRef = { apiGroup: rbac, kind, name: of.name }
    return [
      { apiVersion, kind, metadata: of, rules },
      { apiVersion, kind: `${kind}Binding`, metadata: of, roleRef, subjects },
    ]
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace },
      automountServiceAccountToken: false,
    },
    ...[...rights.inNamespaces].flatMap(([where, rules]) =>
      bound('Role', { name: where === namespace ? name : abroad, namespace: where }, rules),
    ),
    ...bound('ClusterRole', { name: abroad }, rights.everywhere),
    ...(Object.keys(files).length === 0
      ? []
      : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: files }]),
    jobOf(job, name),
  ]
}

const jobOf = (job: RunJob, name: string): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: job.namespace },
  spec: {
    // A pod that was killed or evicted is started again, one whose run has ended is not.
    backoffLimit: 20,
    podFailurePolicy: {
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: 'run', operator: 'In', values: [1, 2, 3, 4, 5, 6, 7] },
        },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
    ttlSecondsAfterFinished: 86_400,
    template: {
      // A proxy beside it would never end, and the API server is outside the mesh.
      metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
      spec: podSpec(job, name),
    },
  },
})

function podSpec({ image, words, files, folder, uidVariable }: RunJob, name: string): object {
  const hasFiles = Object.keys(files).length > 0
  return {
    serviceAccountName: name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'run',
        image,
        command: ['/nodejs/bin/node', '/app/dist/kubectl-canary.js'],
        args: words,
        env: [
          {
            name: uidVariable,
            valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
          },
        ],
        resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        ...(hasFiles && { volumeMounts: [{ name: 'files', mountPath: folder, readOnly: true }] }),
      },
    ],
    ...(hasFiles && { volumes: [{ name: 'files', configMap: { name } }] }),
  }
}
