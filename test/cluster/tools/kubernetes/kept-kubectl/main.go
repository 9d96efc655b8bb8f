// Command kept-kubectl is kubectl for many command lines in one process: it reads one in each line of its input, as JSON, and answers with what
// kubectl prints and its exit code. A start of kubectl takes more CPU time than what it is started for.
//
// The commands are kubectl's own. They run one after the other, because kubectl keeps what it works with (its arguments, streams, environment
// and folder) in the process. What they learn of the cluster, they keep in files as ever, save documents that cost much to read (documents.go).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
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

// commandLine is one command: what kubectl is started with.
type commandLine struct {
	// Without the program's name.
	Args       []string `json:"args"`
	Stdin      string   `json:"stdin"`
	Kubeconfig string   `json:"kubeconfig"`
	Folder     string   `json:"folder"`
}

// outcome is how it ended.
type outcome struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	for line := range linesOf(os.Stdin) {
		var asked commandLine
		must(json.Unmarshal(line, &asked))
		must(answers.Encode(run(asked)))
	}
}

// linesOf ends the process with its input, even while a command runs: whoever asked is gone.
func linesOf(input io.Reader) <-chan []byte {
	lines := make(chan []byte)
	reader := bufio.NewReader(input)
	go func() {
		for {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				os.Exit(0)
			}
			lines <- line
		}
	}()
	return lines
}

func run(asked commandLine) outcome {
	os.Args = append([]string{"kubectl"}, asked.Args...)
	must(os.Setenv("KUBECONFIG", asked.Kubeconfig))
	must(os.Chdir(asked.Folder))
	stdin := readable(asked.Stdin)
	stdout, stdoutText := collected()
	stderr, stderrText := collected()
	os.Stdin, os.Stdout, os.Stderr = stdin, stdout, stderr
	code := exitCode()
	for _, stream := range []*os.File{stdin, stdout, stderr} {
		must(stream.Close())
	}
	return outcome{code, <-stdoutText, <-stderrText}
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

func readable(text string) *os.File {
	read, write, err := os.Pipe()
	must(err)
	go func() {
		// A command that does not read its input closes it.
		_, _ = io.WriteString(write, text)
		must(write.Close())
	}()
	return read
}

func collected() (*os.File, <-chan string) {
	read, write, err := os.Pipe()
	must(err)
	text := make(chan string, 1)
	go func() {
		all, err := io.ReadAll(read)
		must(err)
		must(read.Close())
		text <- string(all)
	}()
	return write, text
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
