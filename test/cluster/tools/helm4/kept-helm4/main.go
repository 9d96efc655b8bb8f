// Command kept-helm4 is Helm for many command lines in one process (serve.go): a start of Helm takes more CPU time than to render a small chart.
//
// The commands are Helm's own. What one of them sets by a global flag (`--debug`, `--namespace`) is the default of those that come after it, so
// that whoever asks must give these flags each time or never.
package main

import (
	"errors"
	"log/slog"
	"os"

	helmcmd "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"
)

func main() {
	// As Helm's own main.
	kube.ManagedFieldsManager = "helm"
	serve("helm", exitCode)
}

// exitCode does what Helm's main does.
func exitCode() int {
	command, err := helmcmd.NewRootCmd(os.Stdout, os.Args[1:], helmcmd.SetupLogging)
	if err != nil {
		slog.Warn("command failed", slog.Any("error", err))
		return 1
	}
	if err := command.Execute(); err != nil {
		if failed, ok := errors.AsType[helmcmd.CommandError](err); ok {
			return failed.ExitCode
		}
		return 1
	}
	return 0
}
