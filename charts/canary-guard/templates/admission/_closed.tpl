{{/*
What could leave no replica while failurePolicy is Fail, as {problems: […], sets: […]}: sentences, and what --set needs instead. A guard outside the cluster (no replicas, and a
URL) is its owner's concern.
*/}}
{{- define "canary-guard.openings" -}}
{{- $problems := list -}}
{{- $sets := list -}}
{{- $given := int .Values.replicas -}}
{{- if not (and .Values.webhook.url (eq $given 0)) -}}
{{- if lt $given 2 -}}
{{- $problems = append $problems (printf "replicas is %d: set it to 2 or more" $given) -}}
{{- $sets = append $sets "replicas=2" -}}
{{- end -}}
{{- $replicas := max 2 $given -}}
{{- $strategy := default dict .Values.updateStrategy -}}
{{- $update := default dict $strategy.rollingUpdate -}}
{{- if eq (toString $strategy.type) "Recreate" -}}
{{- $problems = append $problems "updateStrategy.type is Recreate, which stops all replicas at once: set it to RollingUpdate" -}}
{{- $sets = append $sets "updateStrategy.type=RollingUpdate" -}}
{{- end -}}
{{- if and (hasKey $update "maxUnavailable") (ge (include "canary-guard.partOf" (list $update.maxUnavailable $replicas "floor") | int) $replicas) -}}
{{- $problems = append $problems (printf "updateStrategy.rollingUpdate.maxUnavailable is %v, which is all of %d replicas: set it to 0, and maxSurge to 1" $update.maxUnavailable $replicas) -}}
{{- $sets = concat $sets (list "updateStrategy.rollingUpdate.maxUnavailable=0" "updateStrategy.rollingUpdate.maxSurge=1") -}}
{{- end -}}
{{- $budget := default dict .Values.podDisruptionBudget -}}
{{- if not $budget.enabled -}}
{{- $problems = append $problems "podDisruptionBudget.enabled is false, so that a drain may evict all replicas: set it to true" -}}
{{- $sets = append $sets "podDisruptionBudget.enabled=true" -}}
{{- end -}}
{{- if has (toString $budget.minAvailable) (list "" "<nil>") -}}
{{- /* A budget without either allows every eviction. */}}
{{- if or (kindIs "invalid" $budget.maxUnavailable) (ge (include "canary-guard.partOf" (list $budget.maxUnavailable $replicas "ceil") | int) $replicas) -}}
{{- $problems = append $problems (printf "podDisruptionBudget.maxUnavailable is %s, which is all of %d replicas: set it to 1" (toString $budget.maxUnavailable | replace "<nil>" "not set") $replicas) -}}
{{- $sets = append $sets "podDisruptionBudget.maxUnavailable=1" -}}
{{- end -}}
{{- else if lt (include "canary-guard.partOf" (list $budget.minAvailable $replicas "ceil") | int) 1 -}}
{{- $problems = append $problems (printf "podDisruptionBudget.minAvailable is %v, so that a drain may evict all replicas: set it to 1" $budget.minAvailable) -}}
{{- $sets = append $sets "podDisruptionBudget.minAvailable=1" -}}
{{- end -}}
{{- end -}}
{{- toJson (dict "problems" $problems "sets" $sets) -}}
{{- end -}}

{{/* A number, or a percentage of a number, rounded as Kubernetes does it: of updates down, of budgets up. */}}
{{- define "canary-guard.partOf" -}}
{{- $value := first . -}}
{{- $whole := index . 1 -}}
{{- if not (kindIs "string" $value) -}}
{{- int (default 0 $value) -}}
{{- else -}}
{{- $share := divf (mulf (trimSuffix "%" $value | float64) $whole) 100.0 -}}
{{- ternary (floor $share) (ceil $share) (eq (last .) "floor") | int -}}
{{- end -}}
{{- end -}}

{{- define "canary-guard.refuseOpenings" -}}
{{- if include "canary-guard.isClosed" . -}}
{{- with (include "canary-guard.openings" . | fromJson).problems -}}
{{- fail (printf "webhook.failurePolicy is Fail, so that routes are refused while no replica answers, and these values could leave none:\n- %s\nor set webhook.failurePolicy to Ignore" (join "\n- " .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
