using System.Text;
using System.Text.RegularExpressions;
using GpuScheduler.Server.Dashboard;

namespace GpuScheduler.Server.Tests.Dashboard;

public sealed partial class DashboardFilesTests
{
    [Fact]
    public void All_Together_WeighLittle() => Assert.InRange(DashboardFiles.All.Sum(file => file.Bytes.Length), 1, 200_000);

    [Fact]
    public void Find_EveryFileThatAnotherNames_IsThere()
    {
        foreach (var file in DashboardFiles.All)
        {
            var text = Encoding.UTF8.GetString(file.Bytes.Span);
            foreach (Match reference in Reference().Matches(text)) Assert.True(DashboardFiles.Find(reference.Groups["file"].Value) is not null, $"{file.Name} names {reference.Value}");
        }
    }

    [Fact]
    public void All_Files_NameNothingElsewhere()
    {
        foreach (var file in DashboardFiles.All)
        {
            var text = Encoding.UTF8.GetString(file.Bytes.Span).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
            Assert.DoesNotContain("http://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("""(?:"dashboard/|from '\./)(?<file>[a-z.]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
