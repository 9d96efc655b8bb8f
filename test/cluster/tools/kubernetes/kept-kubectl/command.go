package main

import (
	"os"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/openapi3"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/apply"
	"k8s.io/kubectl/pkg/cmd/plugin"
	"k8s.io/kubectl/pkg/cmd/util"
)

// kubectl is kubectl's command as its main makes it, with an `apply` that reads documents through the memory of this process.
func kubectl() *cobra.Command {
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	// As cmd.NewDefaultKubectlCommand, which keeps these flags to itself.
	flags := genericclioptions.NewConfigFlags(true).
		WithDeprecatedPasswordFlag().
		WithDiscoveryBurst(300).
		WithDiscoveryQPS(50.0).
		WithWarningPrinter(streams)
	root := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
		PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     os.Args,
		ConfigFlags:   flags,
		IOStreams:     streams,
	})
	for _, each := range root.Commands() {
		if each.Name() == "apply" {
			root.RemoveCommand(each)
		}
	}
	root.AddCommand(applyCommand(factory{util.NewFactory(util.NewMatchVersionFlags(flags))}, streams))
	return root
}

// applyCommand is as apply.NewCmdApply makes it, with a root of OpenAPI documents of our own.
func applyCommand(f factory, streams genericiooptions.IOStreams) *cobra.Command {
	command := apply.NewCmdApply("kubectl", f, streams)
	flags := apply.NewApplyFlags(streams)
	command.ResetFlags()
	flags.AddFlags(command)
	command.Run = func(command *cobra.Command, args []string) {
		options, err := flags.ToOptions(f, command, "kubectl", args)
		util.CheckErr(err)
		if client, err := f.OpenAPIV3Client(); err == nil {
			options.OpenAPIV3Root = knownRoot{openapi3.NewRoot(client), client}
		}
		util.CheckErr(options.Validate())
		util.CheckErr(options.Run())
	}
	return command
}
