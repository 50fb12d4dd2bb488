using System.Collections.Immutable;

namespace Firn.Formats.Yaml;

/// <summary>A value of a YAML file and the line it begins on.</summary>
public abstract record YamlNode(int Line)
{
    /// <summary>For messages.</summary>
    public abstract string Kind { get; }

    /// <summary>A key without anything after it.</summary>
    public bool IsNothing => this is YamlScalar { IsPlain: true, Text: "" or "~" or "null" };
}

/// <param name="IsPlain">Written without quotes and not as a block.</param>
public sealed record YamlScalar(int Line, string Text, bool IsPlain) : YamlNode(Line)
{
    public override string Kind => "a single value";
}

public sealed record YamlSequence(int Line, ImmutableArray<YamlNode> Items) : YamlNode(Line)
{
    public override string Kind => "a list";
}

/// <param name="Entries">In the order of the file, each key once.</param>
public sealed record YamlMapping(int Line, ImmutableArray<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(Line)
{
    public override string Kind => "keys with values";
}
