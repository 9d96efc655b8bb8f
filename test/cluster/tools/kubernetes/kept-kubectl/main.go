// Command kept-kubectl is kubectl for many command lines in one process (serve.go): a start of kubectl takes more CPU time than what it is
// started for.
//
// The commands are kubectl's own. They run one after the other, because kubectl keeps what it works with (its arguments, streams, environment
// and folder) in the process. What they learn of the cluster, they keep in files as ever, save documents that cost much to read (documents.go).
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	// As in kubectl itself.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
)

func main() {
	serve("kubectl", exitCode)
}

// exitCode does what kubectl's main does; where that ends the process, it ends a goroutine.
func exitCode() (code int) {
	util.BehaviorOnFatal(func(message string, fatal int) {
		if message != "" {
			fmt.Fprint(os.Stderr, strings.TrimSuffix(message, "\n")+"\n")
		}
		code = fatal
		runtime.Goexit()
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := logs.GlogSetter(cmd.GetLogVerbosity(os.Args))
		must(err)
		if err := cli.RunNoErrOutput(kubectl()); err != nil {
			util.CheckErr(err)
		}
	}()
	<-done
	return code
}
