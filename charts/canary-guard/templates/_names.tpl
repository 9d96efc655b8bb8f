{{/* The name of everything that there is one of. */}}
{{- define "canary-guard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the guard's pods; never changes, because a Deployment's selector cannot. */}}
{{- define "canary-guard.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of every object. */}}
{{- define "canary-guard.labels" -}}
{{ include "canary-guard.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: admission
app.kubernetes.io/part-of: kubectl-canary
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* Where the test writes; the guard's own namespace is never judged, and kube-public is in every cluster. */}}
{{- define "canary-guard.testNamespace" -}}
{{- ternary "kube-public" .Values.test.namespace (eq .Values.test.namespace .Release.Namespace) -}}
{{- end -}}

{{- define "canary-guard.serviceAccount" -}}
{{- default (include "canary-guard.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The Secret that the certificate is kept in or mounted from. */}}
{{- define "canary-guard.certificateSecret" -}}
{{- if eq .Values.certificate.mode "secret" -}}
{{- required "certificate.secretName is needed for certificate.mode secret" .Values.certificate.secretName -}}
{{- else -}}
{{- printf "%s-certificate" (include "canary-guard.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "canary-guard.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* What every container may do: nothing. */}}
{{- define "canary-guard.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "canary-guard.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/*
An owner for what belongs to no namespace: when the guard's namespace is deleted instead of the release, the garbage collector takes these too, and nothing is left
that calls a guard which is gone. Only where the cluster can be asked, and the namespace is there already.
*/}}
{{- define "canary-guard.owner" -}}
{{- with (lookup "v1" "Namespace" "" .Release.Namespace).metadata -}}
ownerReferences:
  - apiVersion: v1
    kind: Namespace
    name: {{ .name }}
    uid: {{ .uid }}
{{- end }}
{{- end -}}

{{/*
How much of the memory limit JavaScript's old objects may take, in MiB: a third, as Node needs some 120 MiB besides, and cannot know what its container may
have of what the garbage collector leaves for later. Nothing where there is no limit.
*/}}
{{- define "canary-guard.heapMiB" -}}
{{- with (.Values.resources.limits).memory -}}
{{- if kindIs "string" . -}}
{{- $units := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- divf (mulf (float64 $number) (get $units (trimPrefix $number .))) 3145728.0 | floor | int -}}
{{- else -}}
{{- divf . 3145728.0 | floor | int -}}
{{- end -}}
{{- end -}}
{{- end -}}
