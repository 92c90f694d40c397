using System.Text;
using System.Text.Json.Nodes;

namespace GpuScheduler.Extender.Tests;

/// <summary>Bodies that end too early.</summary>
internal static class CutBodies
{
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
            Assert.Contains($"byte offset {length}", error, StringComparison.Ordinal);
            Assert.Contains("the end of the body", error, StringComparison.Ordinal);
        }

        for (var length = whole; length <= bytes.Length; length++)
        {
            var answer = harness.CallRaw(verb, bytes.AsSpan(0, length));
            Assert.Equal(harness.CallRaw(verb, body), answer);
        }
    }
}
