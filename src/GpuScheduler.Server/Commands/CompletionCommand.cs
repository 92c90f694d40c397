using System.CommandLine;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler completion</c>: scripts that ask the executable itself what may come next.</summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        # bash completion for gpu-scheduler; put it into ~/.bashrc: source <(gpu-scheduler completion bash)
        _gpu_scheduler() {
          local word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${word}"))
          [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${word}"))
        }
        complete -F _gpu_scheduler gpu-scheduler

        """;

    private const string Zsh =
        """
        #compdef gpu-scheduler
        # zsh completion for gpu-scheduler; put it into ~/.zshrc: source <(gpu-scheduler completion zsh)
        _gpu_scheduler() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- ${found:#} || _files
        }
        compdef _gpu_scheduler gpu-scheduler

        """;

    private const string Fish =
        """
        # fish completion for gpu-scheduler; write it to ~/.config/fish/completions/gpu-scheduler.fish
        function __gpu_scheduler_complete
          set -l line (commandline -cp)
          set -l found (gpu-scheduler "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -rv '^$')
          if set -q found[1]; printf '%s\n' $found; else; __fish_complete_path (commandline -ct); end
        end
        complete -c gpu-scheduler -f -a '(__gpu_scheduler_complete)'

        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { HelpName = "bash|zsh|fish", Description = "The shell." };
        shell.AcceptOnly("bash", "zsh", "fish");
        var command = new ExampledCommand(
            "completion",
            "Print a script that lets a shell complete commands and options.",
            """
            source <(gpu-scheduler completion bash)
            gpu-scheduler completion fish > ~/.config/fish/completions/gpu-scheduler.fish
            """)
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Console.Out.Write(parsed.GetValue(shell) switch
            {
                "zsh" => Zsh,
                "fish" => Fish,
                _ => Bash,
            });
            return ExitCode.Success;
        });
        return command;
    }
}
