using System.Text;
using Firn.Dispatch.Files;
using Firn.Supervision.Units;
using Firn.Trust.Transports;

namespace Firn.Cli.Commands.Pm;

/// <summary>Where units come from: files, directories, and files on the web.</summary>
internal sealed class UnitSources(IReadOnlyList<string> places)
{
    private readonly string[] _files = [.. places.Where(place => !IsRemote(place))];
    private readonly string[] _addresses = [.. places.Where(IsRemote)];
    private readonly Dictionary<string, string> _fetched = [];
    private string _stamp = "";

    public string First => places.FirstOrDefault("units");

    private static bool IsRemote(string place) => place.StartsWith("https://", StringComparison.Ordinal) || place.StartsWith("http://", StringComparison.Ordinal);

    /// <exception cref="IOException">One on the web cannot be fetched.</exception>
    public SortedDictionary<string, UnitProperties> Read(List<UnitProblem> problems, UnitPlaces? found = null)
    {
        _stamp = Stamp();
        var units = UnitFile.Read(_files, problems, found);
        foreach (var address in _addresses)
            UnitFile.Read(_fetched[address] = Fetch(address), address, Path.GetFileNameWithoutExtension(new Uri(address).AbsolutePath), units, problems, found);
        return units;
    }

    /// <summary>Whether a file is another than when it was read.</summary>
    public bool HaveFilesChanged() => Stamp() != _stamp;

    /// <summary>The same for those on the web.</summary>
    /// <exception cref="IOException">One cannot be fetched.</exception>
    public bool HasWebChanged()
    {
        foreach (var address in _addresses)
            if (_fetched.GetValueOrDefault(address) != Fetch(address)) return true;
        return false;
    }

    private string Stamp()
    {
        var stamp = new StringBuilder();
        foreach (var file in UnitFile.FilesOf(_files))
            if (File.Exists(file)) stamp.Append(file).Append(File.GetLastWriteTimeUtc(file).Ticks).Append(new FileInfo(file).Length);
        return stamp.ToString();
    }

    private static string Fetch(string address)
    {
        using var files = new HttpFiles(new());
        return FetchAsync(files, new(address)).GetAwaiter().GetResult();
    }

    private static async Task<string> FetchAsync(HttpFiles files, Uri address)
    {
        await using var body = (await files.OpenAsync(address, 0, CancellationToken.None)).Body;
        var bytes = new byte[UnitFile.MaximumBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > UnitFile.MaximumBytes) throw new InvalidDataException($"{address}: longer than the {UnitFile.MaximumBytes} bytes that a file of units may have");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"{address}: this is not UTF-8 text");
        }
    }
}
