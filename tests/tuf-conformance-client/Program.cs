using Firn.Tests.Conformance;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

// Speaks the command line of the public TUF conformance suite, for Firn's client. Every failure is exit code 1.
try
{
    await RunAsync(CommandLine.Parse(args));
    return 0;
}
catch (Exception error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}

static async Task RunAsync(CommandLine line)
{
    var store = new TrustStore(line.MetadataDirectory);
    if (line.Command == "init")
    {
        store.Write(RoleNames.Root, await File.ReadAllBytesAsync(line.TrustedRoot!));
        return;
    }
    var transport = new HttpTransport(line.MetadataAddress!, line.TargetAddress ?? line.MetadataAddress!, new(new()));
    using var client = new TrustClient(store, [transport], TimeProvider.System);
    await client.RefreshAsync(RefreshOptions.Default, default);
    if (line.Command != "download") return;
    foreach (var name in line.TargetNames)
    {
        var target = await client.RequireAsync(name, default);
        await TargetDownload.RunAsync(client, target, Path.Combine(line.TargetDirectory!, Uri.EscapeDataString(name)), default);
    }
}
