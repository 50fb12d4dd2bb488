using Firn.Formats.Boot;
using Firn.Tests.Machine;
using Firn.Tests.Swu;

namespace Firn.Tests.Web.Browser;

/// <summary>The page as a person sees it.</summary>
public sealed class BrowserTests
{
    [Fact]
    public async Task A_person_with_a_telephone_updates_a_machine()
    {
        using var page = new TestPage();
        using var browser = new Chromium();
        var release = TestRelease.Make("2");
        var unsigned = new ForeignSwu(page.Scratch).With("root", release.Root).Make("software = { version = \"2\"; };", null);
        var bundle = page.Bundle();

        browser.Open(page.Address);
        browser.WaitFor("document.getElementById('login') && !document.getElementById('login').hidden && document.getElementById('page').hidden");
        IsReadable(browser);
        SignIn(browser, "wrong");
        browser.WaitFor("document.getElementById('problem').innerText === 'the password is wrong'");
        SignIn(browser, TestPage.Password);
        browser.WaitFor("document.getElementById('summary').innerText === 'test-os 1 runs from slot a.'");
        Assert.Equal("2", browser.Evaluate("document.querySelectorAll('#slots tr').length"));

        Send(browser, unsigned);
        browser.WaitFor("document.getElementById('result').dataset.phase === 'refused' && !document.getElementById('result').hidden");
        Assert.Contains("nobody signed it", browser.Evaluate("document.getElementById('result').innerText"));
        Assert.Null(page.Trial);

        Send(browser, bundle);
        browser.WaitFor("document.getElementById('result').dataset.phase === 'installed' && !document.getElementById('result').hidden");
        browser.WaitFor("document.getElementById('slots').innerText.includes('boots next')");
        browser.WaitFor("document.getElementById('history').innerText.includes('2 installed (slot b)')");
        Assert.Equal(Slot.B, page.Trial);
        IsReadable(browser);

        browser.Evaluate("document.getElementById('showlog').click()");
        browser.WaitFor("!document.getElementById('log').hidden");
        browser.Evaluate("document.getElementById('reboot').click()");
        await page.Reboots.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        browser.Evaluate("document.getElementById('logout').click()");
        browser.WaitFor("!document.getElementById('login').hidden && document.getElementById('page').hidden");
        Assert.True(browser.Problems.IsEmpty, string.Join('\n', browser.Problems));
    }

    private static void SignIn(Chromium browser, string password)
    {
        browser.Evaluate($"document.getElementById('password').value = '{password}'");
        browser.Evaluate("document.querySelector('#login button').click()");
    }

    private static void Send(Chromium browser, string file)
    {
        browser.WaitFor("!document.querySelector('#upload button').disabled");
        browser.ChooseFile("file", file);
        browser.Evaluate("document.querySelector('#upload button').click()");
        browser.WaitFor($"document.getElementById('result').innerText.includes('{Path.GetFileName(file)}')");
    }

    /// <summary>Nothing beside the screen, nothing without a name, nothing too small for a thumb.</summary>
    private static void IsReadable(Chromium browser)
    {
        Assert.Equal($"{Chromium.Width}", browser.Evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)"));
        Assert.Equal("true", browser.Evaluate("[...document.querySelectorAll('input, progress')].every(one => one.labels.length === 1 && one.labels[0].htmlFor === one.id)"));
        Assert.Equal("true", browser.Evaluate("[...document.querySelectorAll('button, input')].filter(one => one.offsetParent).every(one => one.offsetHeight >= 44)"));
    }
}
