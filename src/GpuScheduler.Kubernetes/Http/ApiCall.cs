namespace GpuScheduler.Kubernetes;

/// <summary>One finished call, for metrics. A list or watch counts as finished when its answer begins.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Resource">Plural with subresource, such as <c>pods/binding</c>, or the path (<c>version</c>): few distinct values.</param>
/// <param name="IsWatch">Whether it opened a watch.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Duration">From sending to the answer's first bytes, waiting for credentials included and for a turn to write not.</param>
public readonly record struct ApiCall(string Method, string Resource, bool IsWatch, ApiStatus Status, TimeSpan Duration);
