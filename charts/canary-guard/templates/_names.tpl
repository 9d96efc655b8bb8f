{{/* The name of the objects. */}}
{{- define "canary-guard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The selector of the guard's pods; it never changes, because a Deployment's selector is immutable. */}}
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

{{/* The namespace of the test; the guard's own is never reviewed, and every cluster has kube-public. */}}
{{- define "canary-guard.testNamespace" -}}
{{- ternary "kube-public" .Values.test.namespace (eq .Values.test.namespace .Release.Namespace) -}}
{{- end -}}

{{- define "canary-guard.serviceAccount" -}}
{{- default (include "canary-guard.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The Secret that contains the certificate. */}}
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

{{/* No privileges for any container. */}}
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
The guard's namespace as the owner of a cluster-scoped object: if the namespace is deleted instead of the release, the garbage collector deletes the object too, and
nothing calls a guard that is gone. Empty where Helm has no cluster, or the namespace does not exist yet.
*/}}
{{- define "canary-guard.ownerReferences" -}}
{{- with (lookup "v1" "Namespace" "" .Release.Namespace).metadata -}}
ownerReferences:
  - apiVersion: v1
    kind: Namespace
    name: {{ .name }}
    uid: {{ .uid }}
{{- end }}
{{- end -}}

{{/*
The size of Node's heap in MiB: a third of the memory limit, because Node needs about 120 MiB besides the heap and delays garbage collection otherwise. Empty without a
limit.
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
