package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
)

// commandLine is one command: what a program is started with.
type commandLine struct {
	// Without the program's name.
	Args        []string          `json:"args"`
	Stdin       string            `json:"stdin"`
	Folder      string            `json:"folder"`
	Environment map[string]string `json:"environment"`
}

// outcome is how it ended.
type outcome struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

// serve runs one command after the other, as a program of that name would, until the input ends. Each is a line of JSON, and so is its outcome. A
// command finds its arguments and streams in the package os, and returns its exit code.
func serve(program string, command func() int) {
	answers := json.NewEncoder(os.Stdout)
	for line := range linesOf(os.Stdin) {
		var asked commandLine
		must(json.Unmarshal(line, &asked))
		must(answers.Encode(outcomeOf(program, asked, command)))
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

func outcomeOf(program string, asked commandLine, command func() int) outcome {
	os.Args = append([]string{program}, asked.Args...)
	for name, value := range asked.Environment {
		must(os.Setenv(name, value))
	}
	must(os.Chdir(asked.Folder))
	stdin := readable(asked.Stdin)
	stdout, stdoutText := collected()
	stderr, stderrText := collected()
	os.Stdin, os.Stdout, os.Stderr = stdin, stdout, stderr
	code := command()
	for _, stream := range []*os.File{stdin, stdout, stderr} {
		must(stream.Close())
	}
	return outcome{code, <-stdoutText, <-stderrText}
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
