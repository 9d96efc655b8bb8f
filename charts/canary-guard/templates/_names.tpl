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

{{/* The labels of every object that the chart itself sets. */}}
{{- define "canary-guard.labels" -}}
{{ include "canary-guard.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: admission
app.kubernetes.io/part-of: kubectl-canary
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/*
The labels and annotations of an object, from a list: the context; the object's own values (a map with labels and annotations); the annotations that the chart needs; the
labels that it needs instead of its usual ones. What stands for one object wins over what stands for all, and what the chart needs wins over both.
*/}}
{{- define "canary-guard.marks" -}}
{{- $root := first . -}}
{{- $own := index . 1 -}}
{{- $neededLabels := include "canary-guard.needed" $root | fromYaml -}}
{{- $labels := include "canary-guard.labels" $root | fromYaml -}}
{{- if gt (len .) 3 -}}
{{- $neededLabels = index . 3 -}}
{{- $labels = dict -}}
{{- end -}}
labels: {{- toYaml (mergeOverwrite $labels $root.Values.commonLabels (default dict $own.labels) $neededLabels) | nindent 2 }}
{{- $needed := dict -}}
{{- if gt (len .) 2 -}}
{{- $needed = index . 2 -}}
{{- end -}}
{{- with mergeOverwrite (dict) $root.Values.commonAnnotations (default dict $own.annotations) $needed }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The labels that nobody may change: the pods are found by the first two, and Helm finds its objects by the third. */}}
{{- define "canary-guard.needed" -}}
{{ include "canary-guard.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* A map without the keys that were set to null. */}}
{{- define "canary-guard.withoutNulls" -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $kept $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $kept -}}
{{- end -}}

{{/* The namespace of the test; the guard's own is never reviewed, and every cluster has kube-public. */}}
{{- define "canary-guard.testNamespace" -}}
{{- ternary "kube-public" .Values.test.namespace (eq .Values.test.namespace .Release.Namespace) -}}
{{- end -}}

{{- define "canary-guard.serviceAccount" -}}
{{- default (ternary (include "canary-guard.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The service account of the test; the guard's where the chart makes none. */}}
{{- define "canary-guard.testServiceAccount" -}}
{{- ternary (printf "%s-test" (include "canary-guard.fullname" .)) (include "canary-guard.serviceAccount" .) .Values.serviceAccount.create -}}
{{- end -}}

{{/* The Secret that contains the certificate. */}}
{{- define "canary-guard.certificateSecret" -}}
{{- if eq .Values.certificate.mode "secret" -}}
{{- required "certificate.secretName is needed for certificate.mode secret" .Values.certificate.secretName -}}
{{- else -}}
{{- printf "%s-certificate" (include "canary-guard.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* The authority of the API server's client certificate as PEM; empty without one. */}}
{{- define "canary-guard.clientCA" -}}
{{- with trim .Values.webhook.clientCA -}}
{{- ternary . (b64dec (. | replace "\n" "" | replace " " "")) (hasPrefix "-----BEGIN" .) | trim -}}
{{- end -}}
{{- end -}}

{{/* Whether the network lets only the API server reach the webhook's port; no policy applies to the host's network. */}}
{{- define "canary-guard.isNetworkTrusted" -}}
{{- if and .Values.networkPolicy.enabled .Values.networkPolicy.webhookFrom (not .Values.hostNetwork) -}}true{{- end -}}
{{- end -}}

{{/* The addresses of the API servers, as the guard takes them; empty where a peer is named by labels, which tell no address. */}}
{{- define "canary-guard.apiServerAddresses" -}}
{{- $blocks := list -}}
{{- range .Values.networkPolicy.webhookFrom -}}
{{- with .ipBlock }}{{ $blocks = append $blocks (join "!" (prepend (default list .except) .cidr)) }}{{ end -}}
{{- end -}}
{{- if eq (len $blocks) (len .Values.networkPolicy.webhookFrom) }}{{ join "," $blocks }}{{ end -}}
{{- end -}}

{{/* The image; a registry that is given takes the place of the one that the repository begins with. */}}
{{- define "canary-guard.image" -}}
{{- $repository := .Values.image.repository -}}
{{- with default .Values.global.image.registry .Values.image.registry -}}
{{- $parts := splitList "/" $repository -}}
{{- if and (gt (len $parts) 1) (regexMatch "[.:]|^localhost$" (first $parts)) -}}
{{- $repository = join "/" (rest $parts) -}}
{{- end -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "canary-guard.pullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.image.pullSecrets | uniq -}}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end -}}
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
