using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>A machine that runs Linux and somebody is logged in; the tests of a class share it, one after the other.</summary>
public sealed class LinuxGuest : IDisposable
{
    public LinuxGuest()
    {
        Machine = new(TestMachine.WithLinux());
        Machine.Start();
        Machine.Login("root", LinuxDisk.Password, TimeSpan.FromMinutes(2));
    }

    public VirtualMachine Machine { get; }

    public void Dispose() => Machine.Dispose();
}
