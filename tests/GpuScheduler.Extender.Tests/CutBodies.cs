using System.Text;
using System.Text.Json.Nodes;

namespace GpuScheduler.Extender.Tests;

/// <summary>Bodies that end too early.</summary>
internal static class CutBodies
{
    private const string Beginning = "malformed request at byte offset ";

    /// <summary>Cuts a body at every byte offset and asserts that there is a well-formed answer that says what is wrong.</summary>
    public static void AssertAllAnswered(ExtenderHarness harness, ExtenderVerb verb, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var whole = bytes.AsSpan().TrimEnd("\r\n \t"u8).Length;
        for (var length = 0; length < whole; length++)
        {
            var answer = JsonNode.Parse(harness.CallRaw(verb, bytes.AsSpan(0, length)))!;
            if (verb == ExtenderVerb.Prioritize)
            {
                Assert.Empty(answer.AsArray());
                continue;
            }

            var error = (string)answer["Error"]!;
            Assert.StartsWith(Beginning, error, StringComparison.Ordinal);
            var offset = int.Parse(error.AsSpan(Beginning.Length, error.IndexOf(',', StringComparison.Ordinal) - Beginning.Length));
            Assert.InRange(offset, 0, length);
        }

        for (var length = whole; length <= bytes.Length; length++)
        {
            var answer = harness.CallRaw(verb, bytes.AsSpan(0, length));
            Assert.Equal(harness.CallRaw(verb, body), answer);
        }
    }
}
