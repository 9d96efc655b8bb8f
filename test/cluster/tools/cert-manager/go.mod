module kubectl-canary.test/tools/cert-manager

go 1.24.0

// Only the folder deploy/crds of the module is read: the CRDs.
require github.com/cert-manager/cert-manager v1.21.2
