module kubectl-canary.test/tools/prometheus-operator

go 1.24.0

// Only the folder example/prometheus-operator-crd of the module is read: the CRDs.
require github.com/prometheus-operator/prometheus-operator v0.85.0
