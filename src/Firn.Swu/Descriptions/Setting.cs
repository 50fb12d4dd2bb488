using System.Diagnostics.CodeAnalysis;

namespace Firn.Swu.Descriptions;

/// <summary>A value of a description: text, a number, yes or no, a list, or a group of named ones. Exactly one of them is there.</summary>
internal sealed class Setting
{
    public string? Text { get; init; }
    public long? Number { get; init; }
    public bool? Boolean { get; init; }
    public List<Setting>? Items { get; init; }

    /// <summary>In the order of the file.</summary>
    public OrderedDictionary<string, Setting>? Members { get; init; }

    public Setting? Find(string name) => Members?.GetValueOrDefault(name);

    public bool TryFind(string name, [NotNullWhen(true)] out Setting? setting) => (setting = Find(name)) is not null;

    /// <summary>For messages.</summary>
    public string Kind => this switch
    {
        { Text: not null } => "text",
        { Number: not null } => "a number",
        { Boolean: not null } => "true or false",
        { Items: not null } => "a list",
        _ => "a group",
    };
}
