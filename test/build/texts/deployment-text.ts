/** The part of docs/providers.md about Services and Deployments without a mesh. */
export const deploymentText = `
## Services and Deployments without a mesh

- **When it is asked**: where no routing API routes the Service, and its Deployments carry a label \`track\` on their pods, or a label \`version\` on a cluster that does not serve Istio's kinds. Where it does, and on files, a
  Service with the label \`version\` waits for \`init\`, because meshes ask for that label; \`--provider deployment\` says that its pods are meant. A canary that was begun this way continues without the flag. A Service behind which no Deployment has such a label is left alone:
  deploy the new version as a Deployment of its own whose pods have the labels of the Service and \`track: canary\`, those of the present one \`track: stable\`.
- **Versions** are called by \`version\`, where two tracks have the same one by \`track\`, and without both by the Deployment. \`weight canary=20\` and \`weight 2.0.0=20\` are the same where the pods have both labels; so is the end
  of the name of the Deployment, \`green\` of \`hello-green\`.
- **Shares are pods.** A Service spreads connections over the ready pods behind it, so the share of a version is its part of them. \`weight v2=20\` divides the pods of all versions by the largest remainder: each version gets the
  whole pods of its quota, and what is left goes to the largest remainders, to stable first where they are equal. A version with a share has one pod at least. The total stays as it is, unless there are fewer pods than versions
  with a share; where it cannot express the share, the command says what each version gets instead, and which total is exact. Requests on one kept-alive connection go to one pod.
- **Order**: more pods first; when all of them are ready (\`--ready-timeout\`, 60 s), fewer pods. If they are not ready in time, everything is taken back, with \`--force\`, too. \`abort\` waits for one ready pod of stable at most.
- **\`promote v2\`** gives v2 as many pods as all had and the others none. It never edits a pod template. **\`abort\`** gives stable the replicas that it had before the canary and the others none; \`undo\` brings back the replicas of each.
  What was there is written down on the Service: \`kubectl rollout undo\` takes the annotations of a Deployment back, and would take ours with them.
- **Autoscalers**: where a HorizontalPodAutoscaler would set the replicas back, the edit is refused and says how it is bound to the number. One whose Deployment gets no pods is no hindrance, and \`abort\` leaves an autoscaled Deployment its pods, and says where its bounds keep it below those that it had.
- **PodDisruptionBudgets** limit evictions, as of a drained node, and nothing holds a scaling to them. An edit that would leave fewer pods than \`minAvailable\` says is refused; one after which none of the pods that are left may be evicted,
  or that takes all pods of a budget, says so. Percentages and \`maxUnavailable\` are of the replicas that there are then.
- **Blue/green**: where the selector of the Service has \`version\`, \`track\`, \`color\`, \`colour\` or \`slot\` beside another label, all requests go to that version. \`promote green\` checks that green has as many ready pods as blue and switches the
  selector; blue keeps its pods until \`cleanup\`. \`undo\` switches back at once. \`weight green=100\` switches with the canary still open, so that \`abort\` goes back; other shares are refused.
- **\`init --stable blue --preview green\`** makes a Service \`hello-preview\` for green alone; \`promote\` and \`abort\` remove it. Without \`--preview\` there is nothing to make.
- **\`weight --sticky\`** sets \`sessionAffinity: ClientIP\` for \`--ttl\` (a day at most), until \`promote\`, \`abort\` or \`--no-sticky\`; an affinity set by hand stays and is shown. All users behind one proxy have one address, a pod that
  ends gives its users to others, and an ingress controller that balances over pods itself does not follow it.
- **A Deployment's own rollout** on a cluster without Istio: \`status SERVICE\` shows one in progress, \`pause\` and \`resume\` hold and continue it where the Service has no run of ours, \`history SERVICE\` lists the revisions among our changes
  (\`deployment/hello:2\`), and \`undo SERVICE\` takes it back where we have changed nothing of the Service. The API server gets what \`kubectl rollout\` and \`kubectl scale\` send it.
- **Rights**: \`get\` and \`patch\` on \`deployments/scale\`, or \`patch\` on Deployments, and \`patch\` on Services. Only Deployments are scaled; other workloads behind the Service are counted, and refuse an edit.
`
