using System.Text.RegularExpressions;
using Firn.Formats.Elf;

namespace Firn.Tests.Formats.Elf;

public sealed class ElfDynamicTests
{
    private const ulong Needed = 1, RPath = 15, RunPath = 29;

    [Fact]
    public void A_program_names_its_loader_libraries_and_where_to_look()
    {
        var file = SmallElf.Dynamic(
            "/lib64/ld.so", (Needed, "libssl.so.3"), (RPath, "/old"), (Needed, "libc.so.6"), (RunPath, "$ORIGIN/../lib::/opt/lib"));

        var dynamic = ElfDynamic.Read(file)!;

        Assert.Equal("/lib64/ld.so", dynamic.Interpreter);
        Assert.Equal(["libssl.so.3", "libc.so.6"], dynamic.Needed);
        Assert.Equal(["$ORIGIN/../lib", "/opt/lib"], dynamic.RunPaths);
    }

    [Fact]
    public void A_library_has_no_loader_and_an_old_one_RPATH()
    {
        var dynamic = ElfDynamic.Read(SmallElf.Dynamic(null, (RPath, "/old")))!;

        Assert.Null(dynamic.Interpreter);
        Assert.Empty(dynamic.Needed);
        Assert.Equal(["/old"], dynamic.RunPaths);
    }

    [Fact]
    public void What_is_not_ELF_or_is_static_needs_nothing()
    {
        Assert.Null(ElfDynamic.Read([]));
        Assert.Null(ElfDynamic.Read("#!/bin/sh\n"u8));
        Assert.Null(ElfDynamic.Read(SmallElf.WithSection(".modinfo", "")));
    }

    [Fact]
    public void Other_machines_and_cut_files_are_refused()
    {
        var file = SmallElf.Dynamic("/lib64/ld.so", (Needed, "libc.so.6"));
        byte[] narrow = [.. file];
        narrow[4] = 1;

        Assert.Contains("64-bit", Assert.Throws<InvalidDataException>(() => ElfDynamic.Read(narrow)).Message);
        Assert.Throws<InvalidDataException>(() => ElfDynamic.Read(file.AsSpan(0, 60)));
        Assert.Throws<InvalidDataException>(() => ElfDynamic.Read(file.AsSpan(0, file.Length - 1)));
    }

    [Fact]
    public void Readelf_sees_the_same_in_the_program_that_runs_this_test()
    {
        var program = Environment.ProcessPath!;

        var dynamic = ElfDynamic.Read(File.ReadAllBytes(program))!;
        var judged = ForeignTool.Run("readelf", "-W", "-d", "-l", program);

        Assert.NotEmpty(dynamic.Needed);
        Assert.Equal(Regex.Matches(judged, @"Shared library: \[(.*)\]").Select(match => match.Groups[1].Value), dynamic.Needed);
        Assert.Equal(
            Regex.Match(judged, @"Library r(?:un)?path: \[(.*)\]").Groups[1].Value.Split(':', StringSplitOptions.RemoveEmptyEntries),
            dynamic.RunPaths);
        Assert.Equal(Regex.Match(judged, "program interpreter: (.*)]").Groups[1].Value, dynamic.Interpreter);
    }

    [Fact]
    public void Damage_and_truncation_end_in_a_value_or_an_error()
    {
        var file = SmallElf.Dynamic("/lib64/ld.so", (Needed, "libssl.so.3"), (Needed, "libc.so.6"), (RunPath, "/opt/lib"));

        Damage.IsSurvived(file, bytes => ElfDynamic.Read(bytes));
        Damage.IsSurvived(file, bytes => ElfDynamic.Read(bytes), reach: 64);
        Damage.TruncationIsSurvived(file, bytes => ElfDynamic.Read(bytes));
    }
}
