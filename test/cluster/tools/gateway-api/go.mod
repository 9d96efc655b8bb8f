module kubectl-canary.test/tools/gateway-api

go 1.24.0

// Only the folder config/crd/ of the module is read: the CRDs.
require sigs.k8s.io/gateway-api v1.6.0
