namespace Firn.Supervision.Units;

/// <summary>
/// Managers inside managers, by whose they are and how far they are kept apart. Once a user's, no manager below is root's:
/// a chain of them is right if it is <c>^R*U*$</c>.
/// </summary>
public static class ManagerKind
{
    public const string Root = "rootpm", Jail = "jail_rootpm", ChangedRoot = "chroot_rootpm", ChangedRootOfUser = "chroot_userpm", User = "userpm";
    public const string Expected = "rootpm, jail_rootpm, chroot_rootpm, chroot_userpm or userpm";

    /// <summary>Where a manager finds what kind its parent has made it.</summary>
    public const string Variable = "PM_KIND";

    public static bool IsKnown(string kind) => kind is Root or Jail or ChangedRoot or ChangedRootOfUser or User;

    public static bool IsOfUser(string kind) => kind is User or ChangedRootOfUser;

    public static bool HasOwnRoot(string kind) => kind is ChangedRoot or ChangedRootOfUser;

    public static bool MayContain(string parent, string child) => parent switch
    {
        Root or ChangedRoot => IsKnown(child),
        Jail => IsKnown(child) && child != Root,
        _ => child == User,
    };
}
