/** A slip of somebody's editor: one weight of a VirtualService is wrong. */
export interface Slip {
  /** The file of the VirtualService. */
  readonly file: string
  readonly virtualService: string
  readonly from: number
  readonly to: number
}

/** One command of the demo. */
export interface DemoStep {
  /** What a person would say before typing it. */
  readonly why: string
  /** What somebody changes by hand before. */
  readonly slip?: Slip
  /** What is typed after `kubectl canary`, without the folder. */
  readonly words: readonly string[]
  /** How the command ends. */
  readonly exit: number
}

const step = (why: string, words: string, exit = 0): DemoStep => ({ why, words: words.split(' '), exit })

/** The main job from its beginning to its end, on objects of a namespace. */
export const demoSteps = (namespace: string): readonly DemoStep[] => [
  step('Version 2 of the catalog is deployed beside version 1. Who gets what now?', 'status'),
  step(
    'Colleagues first: requests with the header x-istio-cohort: internal shall go to v2. What would that change?',
    'cohort internal --to v2 --dry-run=client',
  ),
  step('As meant: at the gateway and in the mesh.', 'cohort internal --to v2'),
  step('It works for them. Now a tenth of everyone.', 'weight v2=10'),
  step('The same again changes nothing.', 'weight v2=10'),
  step(
    'A typo: 70 and 40 are more than there is. Istio would take it, as other shares than meant.',
    'weight v2=70,v3=40',
    2,
  ),
  step('A version that nobody deployed and no DestinationRule defines.', 'weight v3=10', 1),
  {
    ...step(
      'The same mistake, made in an editor. Istio would take that, too; the webhook would deny it, and so does lint in a pipeline.',
      'lint',
      3,
    ),
    slip: { file: 'catalog-gateway.yaml', virtualService: 'catalog-vs-from-gw', from: 10, to: 20 },
  },
  step('Set them together: the weights of both routes are right again.', 'weight v2=10'),
  step('Who gets what now?', 'status'),
  {
    ...step('Where does a request of a colleague go, and why?', ''),
    words: ['try', `http://catalog.${namespace}/`, '--header', 'x-istio-cohort: internal'],
  },
  step('Version 2 is good: it becomes stable and takes everything.', 'promote v2'),
  {
    ...step('Some partners still need version 1 for two days.', ''),
    words: [
      'cohort',
      'partners',
      '--to',
      'v1',
      '--header',
      'x-partner',
      '--until',
      '2d',
      '--reason',
      'old client',
    ],
  },
  step('They do not after all: everything goes back to stable.', 'abort'),
  step('The end: one version, and no trace of the canary.', 'status'),
]

/** The same on a cluster, which keeps a history. */
export const liveSteps = (namespace: string): readonly DemoStep[] => [
  ...demoSteps(namespace),
  step(
    'Who changed what, when and why? kubectl canary undo takes the last change back, whatever it was.',
    'history catalog',
  ),
]
