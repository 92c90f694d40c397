using GpuScheduler.Core.Filtering;

namespace GpuScheduler.Extender.Decisions;

/// <summary>Which classes of rejections go to which of the two maps of a filter answer.</summary>
/// <param name="options">The extender's options.</param>
/// <param name="knowsUnresolvable">Whether kube-scheduler knows the second map; one that does not takes what is missing in the first for feasible.</param>
internal sealed class FailureMaps(ExtenderOptions options, bool knowsUnresolvable)
{
    private readonly RejectionClass[] _failed =
        [.. Enum.GetValues<RejectionClass>().Where(rejection => !knowsUnresolvable || IsResolvable(options, rejection))];

    private readonly RejectionClass[] _unresolvable = [.. Enum.GetValues<RejectionClass>().Where(rejection => !IsResolvable(options, rejection))];

    /// <summary>What goes to <c>FailedNodes</c>.</summary>
    public ReadOnlySpan<RejectionClass> Failed => _failed;

    /// <summary>What goes to <c>FailedAndUnresolvableNodes</c>.</summary>
    public ReadOnlySpan<RejectionClass> FailedAndUnresolvable => _unresolvable;

    private static bool IsResolvable(ExtenderOptions options, RejectionClass rejection) =>
        rejection == RejectionClass.Resolvable || (rejection == RejectionClass.OnlyExtenderSees && options.ReportExtenderOnlyAsResolvable);
}
