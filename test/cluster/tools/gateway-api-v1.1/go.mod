module kubectl-canary.test/tools/gateway-api-v1.1

go 1.24.0

// An older version, for what it lacks: only the folder config/crd/ of the module is read.
require sigs.k8s.io/gateway-api v1.1.0
