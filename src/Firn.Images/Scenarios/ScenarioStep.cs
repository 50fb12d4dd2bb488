using System.Collections.Immutable;
using System.Globalization;

namespace Firn.Images.Scenarios;

/// <summary>One thing to do or to wait for. Texts are as written: they may hold variables.</summary>
/// <param name="Line">Of the scenario's file.</param>
public abstract record ScenarioStep(int Line)
{
    /// <summary>For people: what the step does, in few words.</summary>
    public abstract string Title { get; }

    /// <summary>Whether the machine must be on: a scenario without <c>start</c> begins with it before the first of these.</summary>
    public virtual bool NeedsMachine => true;

    public sealed record Start(int Line) : ScenarioStep(Line)
    {
        public override string Title => "start";
        public override bool NeedsMachine => false;
    }

    /// <param name="Unless">What must not come before; null for anything may.</param>
    public sealed record Wait(int Line, string Pattern, string? Unless, TimeSpan? Within) : ScenarioStep(Line)
    {
        public override string Title => $"wait: {Pattern}";
    }

    /// <param name="Password">Null where none is asked for.</param>
    public sealed record Login(int Line, string User, string? Password, TimeSpan? Within) : ScenarioStep(Line)
    {
        public override string Title => $"login: {User}";
    }

    /// <summary>Runs a command in the guest, or on the host, and judges what became of it.</summary>
    public sealed record Run(int Line, string Command, bool IsOnHost) : ScenarioStep(Line)
    {
        /// <summary>Null for any, and then the machine may even restart or go off before the command has ended.</summary>
        public int? ExitCode { get; init; } = 0;
        public ImmutableArray<string> Expect { get; init; } = [];
        public ImmutableArray<string> ExpectNot { get; init; } = [];
        public TimeSpan? Within { get; init; }

        /// <summary>Variables to set, each by a pattern: its first group, or the whole match.</summary>
        public ImmutableSortedDictionary<string, string> Save { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

        public override string Title => $"{(IsOnHost ? "host" : "run")}: {Command}";
        public override bool NeedsMachine => !IsOnHost;
    }

    public sealed record Send(int Line, string Text) : ScenarioStep(Line)
    {
        public override string Title => $"send: {Text}";
    }

    public sealed record UsbAttach(int Line, string File) : ScenarioStep(Line)
    {
        public override string Title => $"usb-attach: {File}";
        public override bool NeedsMachine => false;
    }

    public sealed record UsbDetach(int Line, string File) : ScenarioStep(Line)
    {
        public override string Title => $"usb-detach: {File}";
        public override bool NeedsMachine => false;
    }

    /// <param name="When">The console is awaited to show this; null for not.</param>
    /// <param name="After">So long from then, or from the beginning of the step.</param>
    public sealed record CutPower(int Line, string? When, TimeSpan After, TimeSpan? Within) : ScenarioStep(Line)
    {
        public override string Title => "cut-power"
            + (When is null ? "" : $" when: {When}") + (After == TimeSpan.Zero ? "" : $" after: {Seconds(After)}");
    }

    public sealed record Reset(int Line) : ScenarioStep(Line)
    {
        public override string Title => "reset";
    }

    public sealed record PowerButton(int Line) : ScenarioStep(Line)
    {
        public override string Title => "power-button";
    }

    public sealed record WaitExit(int Line, TimeSpan? Within) : ScenarioStep(Line)
    {
        public override string Title => "wait-exit";
    }

    public sealed record Sleep(int Line, TimeSpan Time) : ScenarioStep(Line)
    {
        public override string Title => $"sleep: {Seconds(Time)}";
        public override bool NeedsMachine => false;
    }

    public sealed record Note(int Line, string Text) : ScenarioStep(Line)
    {
        public override string Title => Text;
        public override bool NeedsMachine => false;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s");
}
