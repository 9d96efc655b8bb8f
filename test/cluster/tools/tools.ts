/** One program that the tests run, and the pinned Go module that it is built from. */
export interface Tool {
  /** The folder under tools/ whose go.mod pins the version. */
  readonly module: string
  /** The Go package of the program; with `./` one of ours in the module's folder. */
  readonly source: string
  readonly linkerFlags: string
  /** Go's build tags, with commas. */
  readonly tags?: string
}

// Without these a self-built Kubernetes calls itself v0.0.0-master, which clients cannot parse. The link alone depends on them.
const kubernetesVersion = ['gitVersion=v1.36.3', 'gitMajor=1', 'gitMinor=36']
  .map(set => `-X k8s.io/component-base/version.${set}`)
  .join(' ')

const helm4Version = '-X helm.sh/helm/v4/internal/version.version=v4.3.1'

const kubernetes = (name: string): Tool => ({
  module: 'kubernetes',
  source: `k8s.io/kubernetes/cmd/${name}`,
  linkerFlags: kubernetesVersion,
})

/** The programs by the names that {@link import('../assets.ts').ensureAssets} takes. */
export const tools = {
  etcd: { module: 'etcd', source: 'go.etcd.io/etcd/server/v3', linkerFlags: '' },
  'kube-apiserver': kubernetes('kube-apiserver'),
  kubectl: kubernetes('kubectl'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  // kubectl's commands in one process for many of them.
  'kept-kubectl': { module: 'kubernetes', source: './kept-kubectl', linkerFlags: kubernetesVersion },
  helm3: {
    module: 'helm3',
    source: 'helm.sh/helm/v3/cmd/helm',
    linkerFlags: '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
  },
  helm4: {
    module: 'helm4',
    source: 'helm.sh/helm/v4/cmd/helm',
    linkerFlags: helm4Version,
  },
  // Helm's commands in one process for many of them.
  'kept-helm4': { module: 'helm4', source: './kept-helm4', linkerFlags: helm4Version },
  // Without what finds targets in clouds, most of what there is to compile.
  prometheus: {
    module: 'prometheus',
    source: 'github.com/prometheus/prometheus/cmd/prometheus',
    linkerFlags: '',
    tags: 'remove_all_sd',
  },
  // A controller of the Gateway API that drives Envoy.
  contour: { module: 'contour', source: 'github.com/projectcontour/contour/cmd/contour', linkerFlags: '' },
  // What installs kubectl's plugins, and its check of a plugin's manifest.
  krew: { module: 'krew', source: 'sigs.k8s.io/krew/cmd/krew', linkerFlags: '' },
  'validate-krew-manifest': {
    module: 'krew',
    source: 'sigs.k8s.io/krew/cmd/validate-krew-manifest',
    linkerFlags: '',
  },
  // What builds images without a daemon, and what takes them to registries; it also is a registry.
  umoci: { module: 'umoci', source: 'github.com/opencontainers/umoci/cmd/umoci', linkerFlags: '' },
  crane: { module: 'crane', source: 'github.com/google/go-containerregistry/cmd/crane', linkerFlags: '' },
  // What people drive a Rollout by.
  'kubectl-argo-rollouts': {
    module: 'argo-rollouts',
    source: 'github.com/argoproj/argo-rollouts/cmd/kubectl-argo-rollouts',
    linkerFlags: '',
  },
} as const satisfies Record<string, Tool>

/** The name of a program that the tests can run. */
export type ToolName = keyof typeof tools
