/** The part of docs/providers.md about Services and Deployments without a mesh. */
export const deploymentText = `
## Services and Deployments without a mesh

- **When it is used**: if no route leads to the Service, and the pods of its Deployments have a label \`track\`, or a label \`version\` on a cluster without Istio's kinds. With Istio, and on files, pods with a label \`version\` may be for a
  mesh, so the Service needs \`init\` first; or use \`--provider deployment\` to divide its pods. A canary that was started this way continues without the flag. A Service whose Deployments have neither label is not edited:
  deploy the new version as a second Deployment whose pods have the labels of the Service and \`track: canary\`, and give the pods of the present one \`track: stable\`.
- **Versions** have the name in the label \`version\`; if two tracks have the same version, the name in \`track\`; without both labels, the name of the Deployment. If the pods have both labels, \`weight canary=20\` and \`weight 2.0.0=20\` are the same.
  The end of the name of the Deployment works too: \`green\` for \`hello-green\`.
- **Shares are pods.** A Service spreads connections over the ready pods behind it, so the share of a version is its part of these pods. \`weight v2=20\` divides the pods of all versions by the largest remainder method: each version gets
  its quota rounded down, and the remaining pods go to the largest remainders, to stable first if they are equal. A version with a share has at least one pod. The total number of pods does not change, unless there are fewer pods than versions
  with a share. If the pods cannot express the share, the command says what each version gets instead, and which total would be exact. All requests on one kept-alive connection go to one pod.
- **Order**: the command scales up first, and scales down when all new pods are ready (\`--ready-timeout\`, 60 s). If they are not ready in time, it takes everything back, also with \`--force\`. \`abort\` waits only until one pod of stable is ready.
- **\`promote v2\`** gives v2 as many pods as all versions had together, and scales the others to 0. It never edits a pod template. **\`abort\`** gives stable the replicas that it had before the canary, and scales the others to 0; \`undo\` restores the replicas of each.
  The earlier replicas are recorded on the Service, because \`kubectl rollout undo\` would revert annotations on a Deployment.
- **Autoscalers**: if a HorizontalPodAutoscaler would set the replicas back, the edit is refused, and the error says how to set its bounds to the number. An autoscaler does not matter if its Deployment gets 0 replicas. \`abort\` leaves an autoscaled Deployment its pods, and says if the bounds keep it below the replicas that it had.
- **PodDisruptionBudgets** limit evictions, for example when a node is drained; Kubernetes does not apply them to scaling. An edit that would leave fewer pods than \`minAvailable\` is refused. An edit prints a note if afterwards no pod may be evicted, or if it
  removes all pods of a budget. Percentages and \`maxUnavailable\` are computed from the replicas after the edit.
- **Blue/green**: if the selector of the Service has \`version\`, \`track\`, \`color\`, \`colour\` or \`slot\` and another label, or any label with blue or green
  beside a Deployment of the other colour, all requests go to that version. \`promote green\` checks that green has as many ready pods as blue and switches the
  selector; blue keeps its pods until \`cleanup\`. \`undo\` switches back immediately. \`weight green=100\` switches without ending the canary, so that \`abort\` switches back; other shares are refused.
- **\`init --stable blue --preview green\`** creates a Service \`hello-preview\` that selects only green; \`promote\` and \`abort\` delete it. Without \`--preview\`, \`init\` creates nothing.
- **\`weight --sticky\`** sets \`sessionAffinity: ClientIP\` for \`--ttl\` (a day at most), until \`promote\`, \`abort\` or \`--no-sticky\`; an affinity that you set yourself stays and is shown. Limits: all users behind one proxy have one address, the users
  of a pod that ends move to other pods, and an ingress controller that balances over pods itself ignores the setting.
- **Rollouts of a Deployment** on a cluster without Istio: \`status SERVICE\` shows a rollout in progress. \`pause\` and \`resume\` pause and resume it if \`kubectl canary\` has no run for the Service. \`history SERVICE\` lists its revisions
  (\`deployment/hello:2\`) with the changes of \`kubectl canary\`, and \`undo SERVICE\` takes it back if \`kubectl canary\` has changed nothing on the Service. The requests are those of \`kubectl rollout\` and \`kubectl scale\`.
- **Rights**: \`get\` and \`patch\` on \`deployments/scale\`, or \`patch\` on Deployments, and \`patch\` on Services. Only Deployments are scaled. If the Service selects pods of other workloads, they are counted, and an edit is refused.
`
