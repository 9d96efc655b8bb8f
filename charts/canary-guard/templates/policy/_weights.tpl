{{/*
Parts of the policy in CEL. What judges a VirtualService is linear in its size, because the API server ends an evaluation that costs too much, and then admits the object.
*/}}

{{/* All routes of an object. dyn, because http, tcp and tls routes are of different types. */}}
{{- define "canary-guard.routesOf" -}}
dyn({{ . }}).?spec.http.orValue([]) + dyn({{ . }}).?spec.tcp.orValue([]) + dyn({{ . }}).?spec.tls.orValue([])
{{- end -}}

{{/*
Those of the routes that violate the rule. Two destinations, which is what most routes have, cost less without a list of their weights. Routes of more than 5,000
destinations are left to the guard, because the time for such a list grows with the square of its length.
*/}}
{{- define "canary-guard.wrongOf" -}}
{{ first . }}.filter(r, r.?route.orValue([]).size() > 1 && r.route.size() <= 5000
  && (r.route.size() == 2 ? r.route[0].?weight.orValue(0) + r.route[1].?weight.orValue(0) : r.route.map(d, d.?weight.orValue(0)).sum())
  {{ ternary "<= 0" "!= 100" (last .) }})
{{- end -}}

{{/* Routes as lists of their destinations with weights, as the guard compares them; of a long route only its length and sum. */}}
{{- define "canary-guard.namesOf" -}}
{{ first . }}.map(r, r.route.size() > 10
  ? [string(r.route.size()) + '=' + string(r.route.map(d, d.?weight.orValue(0)).sum())]
  : r.route.map(d,
    (d.?destination.host.orValue('*').matches('[.:*]') ? d.?destination.host.orValue('') : d.destination.host + '.' + request.namespace + {{ printf ".svc.%s" (last .) | squote }})
    + '/' + d.?destination.subset.orValue('') + ':' + string(d.?destination.port.number.orValue(0)) + '=' + d.?weight.optMap(w, string(w)).orValue('')))
{{- end -}}

{{/* How many routes of a list have the same destinations with the same weights as the route x, in any order. */}}
{{- define "canary-guard.countOf" -}}
{{ . }}.filter(y, x.size() == y.size() && x.all(d, x.filter(e, e == d).size() == y.filter(e, e == d).size())).size()
{{- end -}}

{{/* Whether the annotation of an object exempts it, with a reason: RULE: REASON, several of them on lines of their own or separated by ;. */}}
{{- define "canary-guard.isExempted" -}}
{{ . }}.metadata.?annotations['kubectl-canary/exempt'].orValue('').replace('\n', ';').split(';').exists(e,
  e.contains(':') && e.substring(0, e.indexOf(':')).trim() == 'weights-sum-to-100' && e.substring(e.indexOf(':') + 1).trim() != '')
{{- end -}}

{{/* Whether the user of the request may exempt an object, from the guard's configuration. */}}
{{- define "canary-guard.mayExempt" -}}
{{- $allowed := dig "exemptions" "allowed" "anyone" (default dict .Values.config) -}}
{{- if kindIs "map" $allowed -}}
request.userInfo.username in {{ toJson (default list $allowed.users) }} || request.userInfo.?groups.orValue([]).exists(g, g in {{ toJson (default list $allowed.groups) }})
{{- else -}}
{{ eq $allowed "anyone" }}
{{- end -}}
{{- end -}}

{{/* deny, warn or off: the mode of the rule. */}}
{{- define "canary-guard.policyMode" -}}
{{- ternary (dig "rules" "weights-sum-to-100" "deny" (default dict .Values.config)) "off" .Values.policy.enabled -}}
{{- end -}}
