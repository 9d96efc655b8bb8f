module kubectl-canary.test/tools/istio

go 1.24.0

// Only the folder kubernetes/ of the module is read: the CRDs.
require istio.io/api v1.31.1
