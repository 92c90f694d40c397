using System.Text.Json.Serialization;

namespace GpuScheduler.Extender.Wire;

/// <summary>The body of an answer other than 200.</summary>
/// <param name="Error">What is wrong and what to do instead.</param>
internal sealed record Refused(string Error);

[JsonSerializable(typeof(Refused))]
[JsonSerializable(typeof(string))]
internal sealed partial class ExtenderJson : JsonSerializerContext;
