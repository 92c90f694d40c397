using System.CommandLine;
using GpuScheduler.Server.Cli;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler inspect</c>.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var view = new ViewOptions();
        var node = new Argument<string?>("node") { HelpName = "NODE", Description = "A node to see in detail; without it all nodes are listed.", Arity = ArgumentArity.ZeroOrOne };
        var domains = new Option<bool>("--domains") { Description = "List the topology domains with their free GPUs instead, and what is kept for a gang." };
        var command = new ExampledCommand(
            "inspect",
            "Show the nodes and how much of each GPU is used, or one node with its devices, resources and pods.",
            """
            gpu-scheduler inspect
            gpu-scheduler inspect h100-a01-n01
            gpu-scheduler inspect --domains
            gpu-scheduler inspect -o wide --kubeconfig ~/.kube/config
            gpu-scheduler inspect -o json --cluster file:cluster.json
            """)
        {
            node, domains,
        };
        view.AddTo(command);
        command.SetAction((parsed, cancellation) => LookCommand.RunAsync(view, parsed, async (cluster, format) =>
        {
            var isForPrograms = format is OutputFormat.Json or OutputFormat.Yaml;
            if (parsed.GetValue(domains))
            {
                var found = await cluster.DomainsAsync(cancellation);
                return isForPrograms ? Answer.Write(found, HttpAnswers.Json.DomainListBody, format) : DomainText.List(found, Paint.ForConsole);
            }

            if (parsed.GetValue(node) is { } name)
            {
                var found = await cluster.NodeAsync(name, cancellation);
                return isForPrograms ? Answer.Write(found, HttpAnswers.Json.NodeBody, format) : NodeText.Detail(found, Paint.ForConsole);
            }

            var nodes = await cluster.NodesAsync(cancellation);
            return isForPrograms ? Answer.Write(nodes, HttpAnswers.Json.NodeListBody, format) : NodeText.List(nodes, format == OutputFormat.Wide, Paint.ForConsole);
        }, cancellation));
        return command;
    }
}
