using GpuScheduler.Kubernetes;

namespace GpuScheduler.Testing;

/// <summary>A list sink that keeps everything it is given.</summary>
/// <typeparam name="T">Type of the objects.</typeparam>
public sealed class ListCollector<T> : IListSink<T>
{
    /// <summary>Objects, in order.</summary>
    public List<T> Items { get; } = [];

    /// <summary>Objects that could not be read.</summary>
    public List<BadObject> BadObjects { get; } = [];

    /// <summary>How often the list began anew.</summary>
    public int Restarts { get; private set; }

    /// <summary>Called after each object; lets a test act while a list is still arriving.</summary>
    public Action<T>? OnAdd { get; init; }

    /// <inheritdoc/>
    public void Add(T value)
    {
        Items.Add(value);
        OnAdd?.Invoke(value);
    }

    /// <inheritdoc/>
    public void Bad(BadObject bad) => BadObjects.Add(bad);

    /// <inheritdoc/>
    public void Restart()
    {
        Items.Clear();
        BadObjects.Clear();
        Restarts++;
    }
}
