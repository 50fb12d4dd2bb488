using Firn.Cli.Commands.Pm;
using Firn.Supervision.Homes;

namespace Firn.Tests.Cli;

public sealed class ManagerStartTests
{
    [Theory]
    [InlineData("--home /srv/pm", false, false)]
    [InlineData("--home /srv/pm --on-manager-death adopt", false, false)]
    [InlineData("--on-manager-death kill --home /srv/pm --init", true, true)]
    public void Plain_words_need_no_parser(string words, bool isKill, bool isFirst)
    {
        Assert.Equal(new ManagerStart(new("/srv/pm")) { IsKill = isKill, IsFirst = isFirst }, ManagerStart.TryParse(words.Split(' ')));
    }

    [Fact]
    public void Without_a_home_it_is_the_usual_one() => Assert.Equal(new ManagerStart(PmHome.Default), ManagerStart.TryParse([]));

    [Theory]
    [InlineData("--home")]
    [InlineData("--home --init")]
    [InlineData("--home=/srv/pm")]
    [InlineData("--home /srv/pm --home /srv/other")]
    [InlineData("--home /srv/pm more")]
    [InlineData("--init true")]
    [InlineData("--on-manager-death")]
    [InlineData("--on-manager-death survive")]
    [InlineData("--on-manager-death adopt kill")]
    [InlineData("--home /srv/pm --units /etc/firn/units")]
    [InlineData("--home @file")]
    [InlineData("--help")]
    public void What_is_not_plain_goes_to_the_parser(string words)
    {
        Assert.Null(ManagerStart.TryParse(words.Split(' ')));
    }
}
