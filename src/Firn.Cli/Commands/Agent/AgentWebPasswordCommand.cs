using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Firn.Linux.Accounts;
using Firn.Linux.Files;
using Firn.Linux.Terminals;
using Firn.Web.Access;

namespace Firn.Cli.Commands.Agent;

internal static class AgentWebPasswordCommand
{
    private const int SaltBytes = 16;

    public static Command Create(Wiring wiring)
    {
        var file = new Argument<FileInfo?>("file") { Description = $"Where to write its hash (default: /{WebPassword.FilePath})", Arity = ArgumentArity.ZeroOrOne };
        var isPiped = new Option<bool>("--stdin") { Description = "Take the password from standard input, up to the end of the line, and do not ask" };
        var command = new Command("web-password", "Set the password of the page for browsers, on this machine or in a file for an overlay") { file, isPiped };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)?.FullName ?? Path.Combine(wiring.Paths.Root, WebPassword.FilePath);
            var password = parsed.GetValue(isPiped) ? Console.In.ReadLine() ?? "" : AskTwice();
            if (password.Length < WebPassword.LeastCharacters || Encoding.UTF8.GetByteCount(password) > WebPassword.LimitBytes || password.Contains('\0'))
                throw new InvalidDataException($"the password: expected {WebPassword.LeastCharacters} characters or more, and at most {WebPassword.LimitBytes} bytes");
            DurableFile.ReplaceSecret(path, Encoding.ASCII.GetBytes(PasswordHash.Sha512(password, RandomNumberGenerator.GetBytes(SaltBytes)) + "\n"));
            parsed.InvocationConfiguration.Output.WriteLine($"{path}: written");
        });
        return command;
    }

    private static string AskTwice()
    {
        var password = Ask("password of the page: ");
        return Ask("once more: ") == password ? password : throw new InvalidDataException("the password: the second one is another");
    }

    private static string Ask(string question) =>
        SecretPrompt.Ask(question) ?? throw new InvalidDataException("the password: no terminal to ask on; use --stdin");
}
