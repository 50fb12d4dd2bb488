using System.Text.Json;

namespace Firn.Web.Uploads;

public enum UploadPhase
{
    None,
    Receiving,
    Installing,
    Installed,

    /// <summary>Nothing was written: it is not to be believed, not for this machine, or not now.</summary>
    Refused,
    Failed,
}

/// <summary>What became of the last file that was sent.</summary>
/// <param name="File">Its name, as the browser says.</param>
/// <param name="Text">What was done, or why not.</param>
public sealed record UploadState(UploadPhase Phase, string File, long DoneBytes, long TotalBytes, string Text)
{
    public static UploadState None { get; } = new(UploadPhase.None, "", 0, 0, "");

    public bool IsBusy => Phase is UploadPhase.Receiving or UploadPhase.Installing;

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("upload");
        json.WriteString("phase", Phase.ToString().ToLowerInvariant());
        json.WriteString("file", File);
        json.WriteNumber("doneBytes", DoneBytes);
        json.WriteNumber("totalBytes", TotalBytes);
        json.WriteString("text", Text);
        json.WriteEndObject();
    }
}
