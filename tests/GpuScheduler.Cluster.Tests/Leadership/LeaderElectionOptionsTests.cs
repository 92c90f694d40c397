using GpuScheduler.Cluster.Leadership;

namespace GpuScheduler.Cluster.Tests.Leadership;

public sealed class LeaderElectionOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreThoseOfKubernetesAndValid()
    {
        var options = new LeaderElectionOptions { Identity = "a" };

        Assert.Empty(options.Validate());
        Assert.Equal((15, 10, 2), ((int)options.LeaseDuration.TotalSeconds, (int)options.RenewDeadline.TotalSeconds, (int)options.RetryPeriod.TotalSeconds));
    }

    [Theory]
    [InlineData(10, 10, 2, "lease duration 10s must be greater than renew deadline 10s")]
    [InlineData(15, 2.4, 2, "renew deadline 2.4s must be greater than 1.2 times retry period 2s")]
    [InlineData(15, 10, 0, "retry period 0s must be greater than zero")]
    [InlineData(15.5, 10, 2, "lease duration 15.5s must be whole seconds")]
    public void Validate_BadDurations_SaysWhichAndWhy(double lease, double renew, double retry, string expected)
    {
        var options = new LeaderElectionOptions
        {
            Identity = "a",
            LeaseDuration = TimeSpan.FromSeconds(lease),
            RenewDeadline = TimeSpan.FromSeconds(renew),
            RetryPeriod = TimeSpan.FromSeconds(retry),
        };

        Assert.Contains(expected, Assert.Single(options.Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_EverythingWrong_ReportsAllAtOnce()
    {
        var options = new LeaderElectionOptions
        {
            Identity = "",
            LeaseName = "",
            LeaseNamespace = "",
            LeaseDuration = TimeSpan.Zero,
            RenewDeadline = TimeSpan.Zero,
            RetryPeriod = TimeSpan.Zero,
        };

        Assert.Equal(6, options.Validate().Count);
    }
}
